import { interned } from '../../interned.ts';
import { resolveAccess, type Access } from '../access/access.ts';
import { identityKey, isLentIdentity } from '../observed/identity.ts';
import { conditionOf } from '../observed/conditions.ts';
import { detectDrift } from '../secret/drift.ts';
import type { Result } from '../errors/errors.ts';
import { refOf, sourceKey, type SourceRef } from '../source/sourceRef.ts';
import type { Observed, VaultSecret } from '../observed/observed.ts';
import { obstacleOf } from './obstacle.ts';
import { isRefreshAsked } from '../observed/refresh.ts';
import { isRefreshDue, refreshIntervalMs, validityEndsAt } from './schedule.ts';
import { shortfall, type Shortfall } from './shortfall.ts';
import { ownRecord } from '../secret/syncRecord.ts';

export type ReadReason =
  | Shortfall
  | 'refreshRequested'
  | 'refreshDue'
  | 'validityChanged'
  | 'identityChanged'
  | 'retry';

export interface Selection {
  readonly access: Result<Access>;
  /** Why the sources are asked now; undefined when nothing has to be read. */
  readonly reason?: ReadReason;
  /** Each source once; empty when nothing is to be read. */
  readonly refs: readonly SourceRef[];
}

/** Which versions are wanted now. Pure; the grant is judged here, before any cache is asked. */
export function select(observed: Observed): Selection {
  const access = resolveAccess(observed);
  const reason = readReason(observed, access);
  if (reason === undefined) return { access, refs: [] };
  return { access, reason, refs: access.ok ? wantedRefs(observed.vaultSecret) : [] };
}

function readReason(observed: Observed, access: Result<Access>): ReadReason | undefined {
  const { terminating, spec } = observed.vaultSecret;
  const isIdle = terminating || spec.suspend === true || obstacleOf(observed) !== undefined;
  return isIdle ? undefined : (shortfall(observed) ?? occasion(observed, access));
}

/** The Secret is as its record says; whether that is still what Key Vault says has to be asked. */
function occasion(observed: Observed, access: Result<Access>): ReadReason | undefined {
  const { vaultSecret, memory, now } = observed;
  const { generation, status } = vaultSecret;
  if (status.observedGeneration !== generation) return 'specChanged';
  if (detectDrift(observed) === 'suspected') return 'drift';
  if (isRefreshAsked(vaultSecret)) return 'refreshRequested';
  if (!isReady(vaultSecret)) return 'retry';
  if (now >= validityEndsAt(vaultSecret.spec, ownRecord(observed))) return 'validityChanged';
  if (isReplaced(memory.identity, boundIdentityOf(access))) return 'identityChanged';
  const intervalMs = refreshIntervalMs(vaultSecret.spec);
  return isRefreshDue(memory, now, intervalMs) ? 'refreshDue' : undefined;
}

/**
 * Whose identity reads, if it is of the VaultSecret's own namespace. One that was rotated, made again or exchanged
 * proves itself at once, and not first when the Secret has to change. A lent one is its owner's to look after.
 */
export function boundIdentityOf(access: Result<Access>): string | undefined {
  if (!access.ok || isLentIdentity(access.value.identity)) return undefined;
  // Every VaultSecret remembers it, and one identity reads for many.
  return interned(identityKey(access.value.identity));
}

function isReplaced(former: string | undefined, current: string | undefined): boolean {
  return former !== undefined && current !== undefined && former !== current;
}

function isReady({ status }: VaultSecret): boolean {
  return conditionOf(status, 'Ready')?.status === 'True';
}

/** Each source once. */
export function wantedRefs({ spec }: Pick<VaultSecret, 'spec'>): readonly SourceRef[] {
  const refs = spec.data.map(refOf);
  return [...new Map(refs.map((ref) => [sourceKey(ref), ref])).values()];
}
