import type { DesiredSecret } from './desired.ts';
import type { Drift } from './drift.ts';
import { fenceOf, type Fence } from '../observed/fence.ts';
import { isLeftToOther } from './handOver.ts';
import { wholeMarks, type Marks } from './marks.ts';
import { mergedPart, type MergedPart } from './mergedPart.ts';
import { namespacedName } from '../namespacedName.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../observed/observed.ts';
import { marksOf, ownEntry } from './ownership.ts';
import type { SyncRecord } from './recordFormat.ts';
import { isSameRecord } from './syncRecord.ts';
import type { TakeOver } from './takeOver.ts';
import { isRefreshAsked } from '../observed/refresh.ts';
import { targetType } from '../observed/target.ts';

export type SecretAction =
  | { readonly kind: 'keep' }
  | {
      readonly kind: 'apply';
      readonly desired: DesiredSecret;
      readonly fence: Fence;
      /** Before the apply. */
      readonly takeOver?: TakeOver;
    }
  /** It is as it was applied, by its metadata; whether its values are is asked, and only if not it is written. */
  | { readonly kind: 'confirm'; readonly desired: DesiredSecret; readonly fence: Fence }
  /** The type of a Secret cannot be changed: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types */
  | { readonly kind: 'replace'; readonly desired: DesiredSecret; readonly former: Fence }
  /** None of its objects is left. */
  | { readonly kind: 'delete'; readonly name: string; readonly fence: Fence };

/** What becomes of the Secret under the target's former name. */
export type FormerTarget =
  | { readonly kind: 'delete'; readonly name: string; readonly fence: Fence }
  | {
      readonly kind: 'release';
      readonly name: string;
      readonly fence: Fence;
      readonly marks: Marks;
    }
  /** Our keys and marks are taken out of a Secret of others. */
  | {
      readonly kind: 'withdraw';
      readonly name: string;
      readonly fence: Fence;
      readonly part: MergedPart;
    };

/** What was found of the Secret before its sources were read. */
interface Former {
  readonly record: SyncRecord | undefined;
  readonly drift: Drift | undefined;
  readonly takeOver: TakeOver | undefined;
}

export function secretAction(
  { target, vaultSecret }: Observed,
  { record: former, drift, takeOver }: Former,
  desired: DesiredSecret,
  record: SyncRecord,
): SecretAction {
  if (target === undefined) return { kind: 'apply', desired, fence: { kind: 'absent' } };
  const formerType = former?.type ?? '';
  if (formerType !== '' && formerType !== targetType(vaultSecret.spec))
    return { kind: 'replace', desired, former: fenceOf(target) };
  const isSame = former !== undefined && isSameRecord(former, record);
  const fence = fenceOf(target);
  if (isSame && drift === undefined) return unchanged(vaultSecret, desired, fence);
  return { kind: 'apply', desired, fence, ...(takeOver === undefined ? {} : { takeOver }) };
}

/** What admission changes on the way leaves no trace in the metadata. To ask costs a request, so a user has to want it. */
function unchanged(vaultSecret: VaultSecret, desired: DesiredSecret, fence: Fence): SecretAction {
  return isRefreshAsked(vaultSecret) ? { kind: 'confirm', desired, fence } : { kind: 'keep' };
}

/**
 * The Secret itself says how it was made. One that we did not write, such as a copy of ours with all its marks, is
 * never deleted. One that another VaultSecret names is left to it.
 */
export function formerTargets(observed: Observed): readonly FormerTarget[] {
  const { formerTargets: secrets, vaultSecret } = observed;
  const { uid } = vaultSecret;
  const ours = namespacedName(vaultSecret);
  return secrets.flatMap((secret): readonly FormerTarget[] => {
    if (secret.owner !== ours) return withdrawals(secret, vaultSecret);
    if (isLeftToOther(secret, observed)) return [];
    const former = { name: secret.name, fence: fenceOf(secret) };
    const isOurs = secret.ownerUids.includes(uid) && ownEntry(secret, uid) !== undefined;
    return isOurs
      ? [{ kind: 'delete', ...former }]
      : [{ kind: 'release', ...former, marks: wholeMarks(uid) }];
  });
}

/** One for each of our name that merged into it. Without our label its owner lets us write no more. */
export function withdrawals(
  secret: ObservedSecret,
  vaultSecret: VaultSecret,
): readonly FormerTarget[] {
  if (!secret.managed || secret.terminating) return [];
  return marksOf(secret, vaultSecret).map((mark) => ({
    kind: 'withdraw',
    name: secret.name,
    fence: fenceOf(secret),
    part: mergedPart(secret, mark),
  }));
}
