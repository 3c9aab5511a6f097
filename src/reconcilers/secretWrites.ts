import { fieldManagerOf } from '../api/meta.ts';
import type { DesiredSecret } from '../core/secret/desired.ts';
import { surplusDataKeys } from '../core/secret/drift.ts';
import { fenceOf, type Fence } from '../core/observed/fence.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import { mergeMarks } from '../core/secret/marks.ts';
import { ownEntry } from '../core/secret/ownership.ts';
import type { FormerTarget, SecretAction } from '../core/secret/secretAction.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ObjectName } from '../ports/kube.ts';
import type { VaultSecretMetrics } from '../ports/metrics.ts';
import type { SecretClient } from '../ports/secrets.ts';
import type { Stored } from '../ports/stored.ts';
import type { Clock } from '../ports/system.ts';
import { confirmSecret } from './confirmSecret.ts';
import type { Memories } from './memories.ts';
import { createError, isFieldConflict, isImmutableRefusal } from './writeErrors.ts';

export interface SecretWriteDeps {
  readonly secrets: SecretClient;
  readonly cache: ClusterCache;
  readonly memories: Memories;
  readonly clock: Clock;
  readonly metrics: VaultSecretMetrics;
}

/** The Secret as it stands after the action; undefined when there was nothing to be done, or there is none any more. @throws KubeApiError, ReconcileError */
export async function writeSecret(
  deps: SecretWriteDeps,
  { vaultSecret, target }: Observed,
  action: SecretAction,
): Promise<ObservedSecret | undefined> {
  if (action.kind === 'keep') return undefined;
  const { secrets, metrics } = deps;
  if (action.kind === 'confirm') {
    const { stored, error } = await confirmSecret(secrets, vaultSecret, action);
    if (stored !== undefined) metrics.secretWritten('update');
    const repaired = stored && remember(deps, vaultSecret, stored);
    if (error !== undefined) throw error;
    return repaired;
  }
  if (action.kind === 'delete') {
    await secrets.delete({ namespace: vaultSecret.namespace, name: action.name }, action.fence);
    metrics.secretWritten('delete');
    return undefined;
  }
  const fence = await prepare(deps, { vaultSecret, target }, action);
  const applied = await applyDesired(secrets, action.desired, vaultSecret, fence).catch(
    (thrown: unknown) => {
      throw fence.kind === 'absent' ? createError(thrown, vaultSecret) : thrown;
    },
  );
  // The answer shows more than was seen before: also fields that no manager had owned.
  const surplus = surplusDataKeys(applied.body, vaultSecret);
  const final =
    surplus.length === 0
      ? applied
      : await secrets.prune(applied.body, surplus, fieldManagerOf(vaultSecret.uid));
  metrics.secretWritten(fence.kind === 'absent' ? 'create' : 'update');
  return remember(deps, vaultSecret, final);
}

function remember(
  { cache, clock, memories }: SecretWriteDeps,
  vaultSecret: VaultSecret,
  stored: Stored<ObservedSecret>,
): ObservedSecret {
  cache.rememberSecret(stored);
  const { uid, resourceVersion } = stored.body;
  const time = ownEntry(stored.body, vaultSecret.uid)?.time ?? '';
  memories.wrote(vaultSecret, { uid, resourceVersion, time, at: clock.now() });
  return stored.body;
}

/** Answers the state that the apply is meant for. */
async function prepare(
  { secrets, metrics }: SecretWriteDeps,
  { vaultSecret, target }: Pick<Observed, 'vaultSecret' | 'target'>,
  action: Extract<SecretAction, { readonly kind: 'apply' | 'replace' }>,
): Promise<Fence> {
  if (action.kind === 'replace') {
    // What will be refused is refused while there still is a Secret.
    await secrets.tryCreate(action.desired, fieldManagerOf(vaultSecret.uid));
    await secrets.delete(action.desired, action.former);
    metrics.secretWritten('delete');
    return { kind: 'absent' };
  }
  const { takeOver, fence } = action;
  if (takeOver === undefined || target === undefined) return fence;
  const taken = await secrets.takeOver(target, takeOver, fieldManagerOf(vaultSecret.uid));
  return fenceOf(taken.body);
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

/** @throws KubeApiError */
export async function writeFormerTarget(
  deps: SecretWriteDeps,
  namespace: string,
  former: FormerTarget,
): Promise<void> {
  const { secrets, metrics } = deps;
  const secret = { namespace, name: former.name };
  if (former.kind === 'withdraw') await withdraw(deps, secret, former);
  else if (former.kind === 'delete') await secrets.delete(secret, former.fence);
  else await secrets.release(secret, former.fence, former.marks);
  metrics.secretWritten(former.kind === 'delete' ? 'delete' : 'update');
}

async function withdraw(
  { secrets, cache }: SecretWriteDeps,
  secret: ObjectName,
  { fence, part }: Extract<FormerTarget, { readonly kind: 'withdraw' }>,
): Promise<void> {
  const manager = fieldManagerOf(part.uid);
  try {
    const taken = await secrets.withdraw(secret, fence, part);
    if (taken === undefined) return;
    const isCoOwner = ownEntry(taken.body, part.uid) !== undefined;
    cache.rememberSecret(isCoOwner ? await secrets.disown(taken.body, manager) : taken);
  } catch (thrown) {
    if (!isImmutableRefusal(thrown)) throw thrown;
    // Its owner froze the keys: the marks alone can go, and they are nobody's.
    const unmarked = await secrets.release(secret, fence, mergeMarks(part.uid));
    if (unmarked !== undefined) cache.rememberSecret(unmarked);
  }
}
