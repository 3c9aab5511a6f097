import { vaultUrlOf } from '../observed/connection.ts';
import type { Observed } from '../observed/observed.ts';
import { targetName } from '../observed/target.ts';
import type { Drift } from '../secret/drift.ts';
import { isDamaged, type SyncRecord } from '../secret/recordFormat.ts';
import { renderRevision } from '../secret/revision.ts';
import { isDeletedByPolicy } from './gone.ts';

/** What is wrong with the Secret, judged from the Secret and the VaultSecret alone. */
export type SecretDefect =
  | 'firstSync'
  | 'secretMissing'
  | 'recordLost'
  | 'recordUnreadable'
  | 'specChanged'
  | 'renderingChanged'
  | 'drift';

/** What another client did to a Secret with this defect. */
export const externalChangeVerbs: Readonly<Partial<Record<string, string>>> = {
  drift: 'changed',
  recordLost: 'changed',
  secretMissing: 'deleted',
} satisfies Partial<Record<SecretDefect, string>>;

/** Another release of this controller may have caused it: it renders or records differently. */
export function isOfOtherRelease(reason: string | undefined): boolean {
  return reason === 'renderingChanged' || reason === 'recordUnreadable';
}

interface Evidence {
  readonly observed: Observed;
  readonly record: SyncRecord | undefined;
  readonly drift: Drift | undefined;
}

type Check = (evidence: Evidence) => boolean;

/** The first that applies is the defect. */
const defects: readonly (readonly [SecretDefect, Check])[] = [
  // Without a Secret there is no record to judge.
  ['secretMissing', (evidence) => isMissing(evidence) && wasWritten(evidence)],
  ['firstSync', isMissing],
  // A Secret that this VaultSecret did not write yet has lost no record.
  ['firstSync', (evidence) => isUnrecorded(evidence) && !wasWritten(evidence)],
  ['recordLost', (evidence) => isUnrecorded(evidence) && isDrifted(evidence)],
  ['recordUnreadable', isUnrecorded],
  // Before drift: a Secret that is rendered again is no repair of an external change.
  ['specChanged', (evidence) => isNewGeneration(evidence) && isOutdated(evidence)],
  ['renderingChanged', (evidence) => !isNewGeneration(evidence) && isOutdated(evidence)],
  ['drift', isDrifted],
];

export function secretDefect(
  observed: Observed,
  record: SyncRecord | undefined,
  drift: Drift | undefined,
): SecretDefect | undefined {
  const evidence = { observed, record, drift };
  return defects.find(([, applies]) => applies(evidence))?.[0];
}

function isMissing({ observed: { target, vaultSecret } }: Evidence): boolean {
  return target === undefined && !isDeletedByPolicy(vaultSecret);
}

function wasWritten({ observed: { vaultSecret } }: Evidence): boolean {
  return vaultSecret.status.secretName === targetName(vaultSecret);
}

function isUnrecorded({ observed: { target }, record }: Evidence): boolean {
  return target !== undefined && (record === undefined || isDamaged(record));
}

function isNewGeneration({ observed: { vaultSecret } }: Evidence): boolean {
  return vaultSecret.status.observedGeneration !== vaultSecret.generation;
}

function isOutdated({ observed: { vaultSecret, connection }, record }: Evidence): boolean {
  const { spec } = vaultSecret;
  return (
    record !== undefined && record.render !== renderRevision(spec, vaultUrlOf(spec, connection))
  );
}

/** Another client took over what we wrote, or added to it. */
function isDrifted({ drift }: Evidence): boolean {
  return drift !== undefined && drift !== 'suspected';
}
