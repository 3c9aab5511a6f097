import { isDeepStrictEqual } from 'node:util';
import { apiVersion } from '../api/meta.ts';
import type { VaultSecretStatus } from '../api/vaultSecret.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import type { FinalizerChange } from '../core/secret/mergeFinalizer.ts';
import type { Observed, VaultSecret } from '../core/observed/observed.ts';
import { isLeftToOther } from '../core/secret/handOver.ts';
import type { FormerTarget } from '../core/secret/secretAction.ts';
import type { Plan } from '../core/plan/planned.ts';
import type { PlannedEvent } from '../core/status/plannedEvent.ts';
import { isSuperseded } from '../core/observed/superseded.ts';
import { isMerging, isOwnerTarget, targetName } from '../core/observed/target.ts';
import { KubeApiError, type EventNote } from '../ports/kube.ts';
import type { VaultSecretClient } from '../ports/secrets.ts';
import { writeFinalizer } from './finalizer.ts';
import { writeFormerTarget, writeSecret, type SecretWriteDeps } from './secretWrites.ts';
import {
  isStatusConflict,
  secretWriteError,
  StaleFenceError,
  type Written,
} from './writeErrors.ts';

export interface ApplyDeps extends SecretWriteDeps {
  readonly vaultSecrets: VaultSecretClient;
  /** Signs every status. */
  readonly controllerName: string;
  readonly publish: (event: EventNote) => void;
}

/**
 * Executes a plan: the Secret, what it replaces, the status, the events. True when the Secret is another now.
 * Guarantees: each step may be repeated, and a crash between two leaves what the next reconcile completes.
 * @throws ReconcileError, StaleFenceError
 */
export async function apply(deps: ApplyDeps, observed: Observed, plan: Plan): Promise<boolean> {
  const { target } = observed;
  const { namespace, spec } = observed.vaultSecret;
  const at = { namespace, secret: targetName(observed.vaultSecret), isMerged: isMerging(spec) };
  await refuseOutdated(deps, observed.vaultSecret, plan);
  const vaultSecret = await changeFinalizer(deps, observed.vaultSecret, plan, 'add');
  const written = await writing(at, async () => writeSecret(deps, observed, plan.secret));
  for (const former of plan.formerTargets) {
    if (isClaimedMeanwhile(deps, observed, former)) continue;
    const left = { namespace, secret: former.name };
    await writing(left, async () => writeFormerTarget(deps, namespace, former));
  }
  const released = await changeFinalizer(deps, vaultSecret, plan, 'remove');
  await applyStatus(deps, released, plan.status);
  const isChanged = written !== undefined && written.resourceVersion !== target?.resourceVersion;
  publish(
    deps,
    vaultSecret,
    plan.events.filter(({ ifChanged }) => isChanged || ifChanged !== true),
  );
  return isChanged;
}

/** The edit of another VaultSecret that names it came while ours was read and written; it has queued us, too. */
function isClaimedMeanwhile(
  { cache }: ApplyDeps,
  { vaultSecret, formerTargets }: Observed,
  { kind, name }: FormerTarget,
): boolean {
  const secret = formerTargets.find((former) => former.name === name);
  if (kind === 'withdraw' || secret === undefined) return false;
  return isLeftToOther(secret, { vaultSecret, heirs: cache.wanting(secret) });
}

/**
 * A Secret that is to outlive its VaultSecret has no owner reference: made after the VaultSecret is gone, it would stay
 * for good. The watch may not have reported the deletion yet, so the API server is asked before such a Secret is made.
 */
async function refuseOutdated(
  { vaultSecrets }: ApplyDeps,
  vaultSecret: VaultSecret,
  { secret }: Plan,
): Promise<void> {
  const isMade = secret.kind === 'apply' && secret.fence.kind === 'absent';
  if (!isMade || isOwnerTarget(vaultSecret.spec)) return;
  const live = await vaultSecrets.get(vaultSecret).catch((thrown: unknown) => {
    throw thrown instanceof KubeApiError ? unavailable(thrown) : thrown;
  });
  if (isSuperseded(vaultSecret, live))
    throw new StaleFenceError('the VaultSecret changed before its Secret was made');
}

/** The VaultSecret as it stands then. */
async function changeFinalizer(
  deps: ApplyDeps,
  vaultSecret: VaultSecret,
  { finalizer }: Plan,
  step: FinalizerChange,
): Promise<VaultSecret> {
  return finalizer === step ? writeFinalizer(deps, vaultSecret, step) : vaultSecret;
}

/** No write while nothing changed but who would sign it. @throws ReconcileError */
export async function applyStatus(
  { vaultSecrets, controllerName: controller, cache, metrics }: ApplyDeps,
  vaultSecret: VaultSecret,
  status: VaultSecretStatus,
): Promise<void> {
  const signed = { ...status, controller };
  if (isDeepStrictEqual({ ...vaultSecret.status, controller }, signed)) return;
  try {
    const stored = await vaultSecrets.replaceStatus(vaultSecret, signed);
    metrics.statusWritten();
    if (stored !== undefined) cache.rememberVaultSecret(stored);
  } catch (thrown) {
    throwUnlessGone(thrown);
  }
}

/** Deleted meanwhile, or made again under the same name: then its own reconcile follows. */
function throwUnlessGone(thrown: unknown): void {
  if (!(thrown instanceof KubeApiError)) throw thrown;
  const { status, causes } = thrown;
  if (status === 404) return;
  if (isStatusConflict(thrown))
    throw new StaleFenceError('the status changed while it was written', { cause: thrown });
  if (status === 422 && causes.length > 0) {
    throw new ReconcileError('InternalError', {
      details: { cause: `status refused at ${causes[0]?.field}` },
      cause: thrown,
    });
  }
  throw unavailable(thrown);
}

function unavailable(thrown: KubeApiError): ReconcileError {
  const { status, retryAfterMs } = thrown;
  return new ReconcileError('ApiServerUnavailable', {
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

async function writing<T>(at: Written, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    throw secretWriteError(thrown, at);
  }
}
