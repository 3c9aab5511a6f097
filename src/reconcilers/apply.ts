import { isDeepStrictEqual } from 'node:util';
import { apiVersion, fieldManagerOf } from '../api/meta.ts';
import type { VaultSecretStatus } from '../api/vaultSecret.ts';
import type { DesiredSecret } from '../core/desired.ts';
import { surplusDataKeys } from '../core/drift.ts';
import { ReconcileError } from '../core/errors.ts';
import type { Fence } from '../core/fence.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../core/observed.ts';
import { ownEntry } from '../core/ownership.ts';
import type { Plan } from '../core/plan.ts';
import type { PlannedEvent } from '../core/plannedEvent.ts';
import type { FormerTarget, SecretAction } from '../core/secretAction.ts';
import { targetName } from '../core/target.ts';
import type { ClusterCache } from '../ports/cache.ts';
import { KubeApiError, type EventNote } from '../ports/kube.ts';
import type { VaultSecretMetrics } from '../ports/metrics.ts';
import type { SecretClient, VaultSecretClient } from '../ports/secrets.ts';
import type { Stored } from '../ports/stored.ts';
import type { Clock } from '../ports/system.ts';
import type { Memories } from './memories.ts';
import { isFieldConflict, secretWriteError } from './writeErrors.ts';

export interface ApplyDeps {
  readonly secrets: SecretClient;
  readonly vaultSecrets: VaultSecretClient;
  readonly cache: ClusterCache;
  readonly memories: Memories;
  readonly clock: Clock;
  readonly metrics: VaultSecretMetrics;
  readonly publish: (event: EventNote) => void;
}

/**
 * Executes a plan: the Secret, what it replaces, the status, the events.
 * Guarantees: each step may be repeated, and a crash between two leaves what the next reconcile completes.
 * @throws ReconcileError, StaleFenceError
 */
export async function apply(deps: ApplyDeps, observed: Observed, plan: Plan): Promise<void> {
  const { vaultSecret, target } = observed;
  const { namespace } = vaultSecret;
  const written = await writing(namespace, targetName(vaultSecret), async () =>
    applySecret(deps, vaultSecret, plan.secret),
  );
  for (const former of plan.formerTargets) {
    await writing(namespace, former.name, async () => applyFormerTarget(deps, namespace, former));
  }
  await applyStatus(deps, vaultSecret, plan.status);
  const isChanged = written !== undefined && written.resourceVersion !== target?.resourceVersion;
  publish(
    deps,
    vaultSecret,
    plan.events.filter(({ ifChanged }) => isChanged || ifChanged !== true),
  );
}

async function applySecret(
  deps: ApplyDeps,
  vaultSecret: VaultSecret,
  action: SecretAction,
): Promise<ObservedSecret | undefined> {
  if (action.kind === 'keep') return undefined;
  const { secrets, cache, clock, memories, metrics } = deps;
  if (action.kind === 'replace') {
    await secrets.delete(action.desired, action.former);
    metrics.secretWritten('delete');
  }
  const fence: Fence = action.kind === 'replace' ? { kind: 'absent' } : action.fence;
  const applied = await applyDesired(secrets, action.desired, vaultSecret, fence);
  // What was seen before, and what only the answer shows: fields that nobody had owned.
  const surplus = new Set(surplusDataKeys(applied.body, vaultSecret));
  if (action.kind === 'apply') for (const dataKey of action.prune) surplus.add(dataKey);
  const final =
    surplus.size === 0
      ? applied
      : await secrets.prune(applied.body, [...surplus], fieldManagerOf(vaultSecret.uid));
  metrics.secretWritten(fence.kind === 'absent' ? 'create' : 'update');
  cache.rememberSecret(final);
  const { uid, resourceVersion } = final.body;
  const time = ownEntry(final.body, vaultSecret.uid)?.time ?? '';
  memories.wrote(vaultSecret, { uid, resourceVersion, time, at: clock.now() });
  return final.body;
}

/** Forced only when others own fields of ours, and still fenced: nothing but what the plan judged is taken back. */
async function applyDesired(
  secrets: SecretClient,
  desired: DesiredSecret,
  { uid }: VaultSecret,
  fence: Fence,
): Promise<Stored<ObservedSecret>> {
  const options = { fieldManager: fieldManagerOf(uid), fence };
  try {
    return await secrets.apply(desired, { ...options, force: false });
  } catch (thrown) {
    if (!isFieldConflict(thrown)) throw thrown;
    return secrets.apply(desired, { ...options, force: true });
  }
}

async function applyFormerTarget(
  { secrets, metrics }: ApplyDeps,
  namespace: string,
  { kind, name, fence }: FormerTarget,
): Promise<void> {
  if (kind === 'delete') await secrets.delete({ namespace, name }, fence);
  else await secrets.release({ namespace, name }, fence);
  metrics.secretWritten(kind === 'delete' ? 'delete' : 'update');
}

/** No write while nothing changed. @throws ReconcileError */
export async function applyStatus(
  { vaultSecrets, cache, metrics }: ApplyDeps,
  vaultSecret: VaultSecret,
  status: VaultSecretStatus,
): Promise<void> {
  if (isDeepStrictEqual(vaultSecret.status, status)) return;
  try {
    const stored = await vaultSecrets.replaceStatus(vaultSecret, status);
    metrics.statusWritten();
    if (stored !== undefined) cache.rememberVaultSecret(stored);
  } catch (thrown) {
    throwUnlessGone(thrown);
  }
}

/** Deleted meanwhile, or made again under the same name: then its own reconcile follows. */
function throwUnlessGone(thrown: unknown): void {
  if (!(thrown instanceof KubeApiError)) throw thrown;
  const { status, causes, retryAfterMs } = thrown;
  if (status === 404) return;
  if (status === 422) {
    // The test of the uid fails without causes; a schema that refuses our status names them.
    if (causes.length === 0) return;
    throw new ReconcileError('InternalError', {
      details: { cause: `status refused at ${causes[0]?.field}` },
      cause: thrown,
    });
  }
  throw new ReconcileError('ApiServerUnavailable', {
    details: { status },
    retryAfterMs,
    cause: thrown,
  });
}

export function publish(
  { publish: send, metrics }: ApplyDeps,
  { namespace, name, uid }: VaultSecret,
  events: readonly PlannedEvent[],
): void {
  const subject = { apiVersion, kind: 'VaultSecret', namespace, name, uid };
  for (const { type, reason, action, note } of events) {
    send({ subject, type, reason, action, note });
    if (reason === 'DriftRepaired') metrics.driftRepaired();
  }
}

async function writing<T>(namespace: string, secret: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    throw secretWriteError(thrown, namespace, secret);
  }
}
