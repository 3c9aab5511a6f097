import { interned } from '../../interned.ts';
import type { Access } from '../access/access.ts';
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import { isRefreshDue, refreshIntervalMs, validityEndsAt } from '../diagnose/schedule.ts';
import type { SecretDefect } from '../diagnose/secretDefect.ts';
import type { Result } from '../errors/errors.ts';
import { conditionOf } from '../observed/conditions.ts';
import { identityKey, isLentIdentity } from '../observed/identity.ts';
import type { Observed, VaultSecret } from '../observed/observed.ts';
import { isRefreshAsked } from '../observed/refresh.ts';
import { refOf, sourceKey, type SourceRef } from '../source/sourceRef.ts';

/** The Secret has no defect; why Key Vault is asked all the same. */
type RefreshReason =
  | 'specChanged'
  | 'drift'
  | 'refreshRequested'
  | 'refreshDue'
  | 'validityChanged'
  | 'identityChanged'
  | 'retry';

export type ReadReason = SecretDefect | RefreshReason;

export interface Selection {
  readonly access: Result<Access>;
  /** Why the sources are read now; undefined when nothing has to be read. */
  readonly reason?: ReadReason;
  /** Each source once; empty when nothing is to be read. */
  readonly refs: readonly SourceRef[];
}

/** Which versions are wanted now. Pure; the grant was judged in `diagnosis`, before any cache is asked. */
export function select(observed: Observed, diagnosis: Diagnosis): Selection {
  const { access } = diagnosis;
  const reason = readReason(observed, diagnosis);
  if (reason === undefined) return { access, refs: [] };
  return { access, reason, refs: access.ok ? wantedRefs(observed.vaultSecret) : [] };
}

function readReason(observed: Observed, diagnosis: Diagnosis): ReadReason | undefined {
  const { terminating, spec } = observed.vaultSecret;
  const isIdle = terminating || spec.suspend === true || diagnosis.obstacle !== undefined;
  return isIdle ? undefined : (diagnosis.defect ?? refreshReason(observed, diagnosis));
}

type Check = (observed: Observed, diagnosis: Diagnosis) => boolean;

/** The first that applies is given in events and logs, and counts as a repair or not: causes stand before schedules. */
const refreshReasons: readonly (readonly [RefreshReason, Check])[] = [
  ['specChanged', isSpecChanged],
  // A repair of an external change stays one when a refresh is requested or due as well.
  ['drift', isDriftSuspected],
  ['refreshRequested', ({ vaultSecret }) => isRefreshAsked(vaultSecret)],
  ['retry', ({ vaultSecret }) => !isReady(vaultSecret)],
  ['validityChanged', isValidityOver],
  ['identityChanged', isIdentityReplaced],
  ['refreshDue', isDue],
];

/** The Secret is as its record says; whether Key Vault still says the same has to be asked. */
function refreshReason(observed: Observed, diagnosis: Diagnosis): RefreshReason | undefined {
  return refreshReasons.find(([, applies]) => applies(observed, diagnosis))?.[0];
}

function isSpecChanged({ vaultSecret: { generation, status } }: Observed): boolean {
  return status.observedGeneration !== generation;
}

function isDriftSuspected(_: Observed, { drift }: Diagnosis): boolean {
  return drift === 'suspected';
}

function isReady({ status }: VaultSecret): boolean {
  return conditionOf(status, 'Ready')?.status === 'True';
}

function isValidityOver({ vaultSecret, now }: Observed, { record }: Diagnosis): boolean {
  return now >= validityEndsAt(vaultSecret.spec, record);
}

function isIdentityReplaced({ memory }: Observed, { access }: Diagnosis): boolean {
  const former = memory.identity;
  const current = boundIdentityOf(access);
  return former !== undefined && current !== undefined && former !== current;
}

function isDue({ vaultSecret, memory, now }: Observed): boolean {
  return isRefreshDue(memory, now, refreshIntervalMs(vaultSecret.spec));
}

/**
 * The identity that reads, if it belongs to the namespace of the VaultSecret. One that was rotated, made again or
 * exchanged is tried at once, and not only when the Secret has to change. A lent identity is its owner's to check.
 */
export function boundIdentityOf(access: Result<Access>): string | undefined {
  if (!access.ok || isLentIdentity(access.value.identity)) return undefined;
  // Every VaultSecret remembers it, and one identity reads for many.
  return interned(identityKey(access.value.identity));
}

/** Each source once. */
export function wantedRefs({ spec }: Pick<VaultSecret, 'spec'>): readonly SourceRef[] {
  const refs = spec.data.map(refOf);
  return [...new Map(refs.map((ref) => [sourceKey(ref), ref])).values()];
}
