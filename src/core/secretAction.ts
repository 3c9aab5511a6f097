import { fieldManagerOf } from '../api/meta.ts';
import { targetType, type DesiredSecret } from './desired.ts';
import { detectDrift, foreignDataKeys } from './drift.ts';
import { fenceOf, type Fence } from './fence.ts';
import type { Observed, ObservedSecret } from './observed.ts';
import { formatRecord, type SyncRecord } from './syncRecord.ts';

export type SecretAction =
  | { readonly kind: 'keep' }
  | {
      readonly kind: 'apply';
      readonly desired: DesiredSecret;
      readonly fence: Fence;
      /** Take back fields that somebody else set. */
      readonly force: boolean;
      /** Data keys of others, removed after the apply. */
      readonly prune: readonly string[];
    }
  /** The type of a Secret cannot be changed: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types */
  | { readonly kind: 'replace'; readonly desired: DesiredSecret; readonly former: Fence };

/** What becomes of the Secret under the target's former name. */
export interface FormerTarget {
  readonly kind: 'delete' | 'release';
  readonly name: string;
  readonly fence: Fence;
}

export function secretAction(
  observed: Observed,
  desired: DesiredSecret,
  former: SyncRecord | undefined,
  record: SyncRecord,
): SecretAction {
  const { target, vaultSecret } = observed;
  if (target === undefined)
    return { kind: 'apply', desired, fence: { kind: 'absent' }, force: false, prune: [] };
  if (former !== undefined && former.type !== targetType(vaultSecret.spec)) {
    return { kind: 'replace', desired, former: fenceOf(target) };
  }
  const isSame = former !== undefined && formatRecord(former) === formatRecord(record);
  if (isSame && detectDrift(observed) === undefined) return { kind: 'keep' };
  const prune = foreignDataKeys(observed);
  return {
    kind: 'apply',
    desired,
    fence: fenceOf(target),
    force: isContested(observed, target, desired),
    prune,
  };
}

/** Because the write is fenced, what the managers own now is all that could conflict. */
function isContested(
  { vaultSecret }: Observed,
  target: ObservedSecret,
  desired: DesiredSecret,
): boolean {
  const ours = fieldManagerOf(vaultSecret.uid);
  return target.managers.some(
    ({ name, operation, dataKeys, labels, annotations }) =>
      (name !== ours || operation !== 'Apply') &&
      (dataKeys.some((key) => key in desired.data) ||
        labels.some((key) => key in desired.labels) ||
        annotations.some((key) => key in desired.annotations)),
  );
}

export function formerTargets({
  formerTargets: secrets,
  vaultSecret,
}: Observed): readonly FormerTarget[] {
  return secrets.map((secret) => ({
    kind: secret.ownerUids.includes(vaultSecret.uid) ? 'delete' : 'release',
    name: secret.name,
    fence: fenceOf(secret),
  }));
}
