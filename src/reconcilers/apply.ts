import { isDeepStrictEqual } from 'node:util';
import { apiVersion, fieldManagerOf } from '../api/meta.ts';
import type { VaultSecretStatus } from '../api/vaultSecret.ts';
import { targetName, type DesiredSecret } from '../core/desired.ts';
import { ownEntry } from '../core/drift.ts';
import { ReconcileError } from '../core/errors.ts';
import type { LastWrite, Observed, ObservedSecret, VaultSecret } from '../core/observed.ts';
import type { Plan } from '../core/plan.ts';
import type { PlannedEvent } from '../core/plannedEvent.ts';
import type { FormerTarget, SecretAction } from '../core/secretAction.ts';
import type { ClusterCache } from '../ports/cache.ts';
import { KubeApiError, type EventNote } from '../ports/kube.ts';
import type { VaultSecretMetrics } from '../ports/metrics.ts';
import type { SecretClient, VaultSecretClient } from '../ports/secrets.ts';
import type { Stored } from '../ports/stored.ts';
import { secretWriteError } from './writeErrors.ts';

export interface ApplyDeps {
  readonly secrets: SecretClient;
  readonly vaultSecrets: VaultSecretClient;
  readonly cache: ClusterCache;
  readonly metrics: VaultSecretMetrics;
  readonly publish: (event: EventNote) => void;
}

/**
 * Executes a plan: the Secret, what it replaces, the status, the events.
 * Guarantees: each step may be repeated, and a crash between two leaves what the next reconcile completes.
 * @throws ReconcileError, StaleFenceError
 */
export async function apply(
  deps: ApplyDeps,
  { vaultSecret }: Observed,
  plan: Plan,
): Promise<LastWrite | undefined> {
  const { namespace } = vaultSecret;
  const written = await writing(namespace, targetName(vaultSecret), async () =>
    applySecret(deps, vaultSecret, plan.secret),
  );
  for (const former of plan.formerTargets) {
    await writing(namespace, former.name, async () => applyFormerTarget(deps, namespace, former));
  }
  await applyStatus(deps, vaultSecret, plan.status);
  for (const event of plan.events) deps.publish(noteOf(vaultSecret, event));
  return written === undefined ? undefined : lastWriteOf(written.body, vaultSecret.uid);
}

async function applySecret(
  deps: ApplyDeps,
  { uid }: VaultSecret,
  action: SecretAction,
): Promise<Stored<ObservedSecret> | undefined> {
  const { secrets, cache, metrics } = deps;
  const fieldManager = fieldManagerOf(uid);
  const create = async (desired: DesiredSecret) =>
    secrets.apply(desired, { fieldManager, fence: { kind: 'absent' }, force: false });
  switch (action.kind) {
    case 'keep':
      return undefined;
    case 'replace': {
      await secrets.delete(action.desired, action.former);
      metrics.secretWritten('delete');
      const created = await create(action.desired);
      metrics.secretWritten('create');
      cache.rememberSecret(created);
      return created;
    }
    case 'apply': {
      const { desired, fence, force, prune } = action;
      const applied = await secrets.apply(desired, { fieldManager, fence, force });
      const final =
        prune.length === 0 ? applied : await secrets.prune(applied.body, prune, fieldManager);
      metrics.secretWritten(fence.kind === 'absent' ? 'create' : 'update');
      cache.rememberSecret(final);
      return final;
    }
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

/** No write while nothing changed. */
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
    if (!(thrown instanceof KubeApiError)) throw thrown;
    // 404: deleted meanwhile. 422: made again under the same name, and its own reconcile follows.
    if (thrown.status === 404 || thrown.status === 422) return;
    throw new ReconcileError('ApiServerUnavailable', {
      details: { status: thrown.status },
      retryAfterMs: thrown.retryAfterMs,
      cause: thrown,
    });
  }
}

export function noteOf({ namespace, name, uid }: VaultSecret, event: PlannedEvent): EventNote {
  return { subject: { apiVersion, kind: 'VaultSecret', namespace, name, uid }, ...event };
}

function lastWriteOf(secret: ObservedSecret, vaultSecretUid: string): LastWrite {
  const time = ownEntry(secret, vaultSecretUid)?.time ?? '';
  return { uid: secret.uid, resourceVersion: secret.resourceVersion, time };
}

async function writing<T>(namespace: string, secret: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    throw secretWriteError(thrown, namespace, secret);
  }
}
