import { resolveIdentity, type WorkloadIdentity } from './identity.ts';
import type { Result } from './errors.ts';
import { detectDrift } from './drift.ts';
import { refKey, type KeyVaultSecretRef } from './keyVaultSecret.ts';
import type { Observed, ObservedSecret, VaultSecret } from './observed.ts';
import { parseRecord, renderRevision } from './syncRecord.ts';

export type ReadReason =
  | 'firstSync'
  | 'specChanged'
  | 'secretMissing'
  | 'recordLost'
  | 'drift'
  | 'refreshRequested'
  | 'refreshDue'
  | 'retry';

export interface Selection {
  readonly identity: Result<WorkloadIdentity>;
  /** Why Key Vault is asked now; undefined when nothing has to be read. */
  readonly reason?: ReadReason;
  /** Each object once; empty when nothing is to be read. */
  readonly refs: readonly KeyVaultSecretRef[];
}

/** Which versions are wanted now. Pure; the grant is judged here, before any cache is asked. */
export function select(observed: Observed): Selection {
  const { vaultSecret, serviceAccount, defaultTenantId } = observed;
  const identity = resolveIdentity({
    namespace: vaultSecret.namespace,
    serviceAccountName: vaultSecret.spec.serviceAccountName,
    serviceAccount,
    defaultTenantId,
  });
  const reason = readReason(observed);
  if (reason === undefined) return { identity, refs: [] };
  return { identity, reason, refs: identity.ok ? wantedRefs(vaultSecret) : [] };
}

/** Ours, by name: also after a restore or a re-creation under the same name, when the uid differs. */
export function isOwned(secret: ObservedSecret, { namespace, name }: VaultSecret): boolean {
  return secret.owner === `${namespace}/${name}`;
}

function readReason(observed: Observed): ReadReason | undefined {
  const { vaultSecret, target } = observed;
  if (vaultSecret.problem !== undefined || vaultSecret.spec.suspend === true) return undefined;
  if (target === undefined)
    return vaultSecret.status.secretName === undefined ? 'firstSync' : 'secretMissing';
  if (!isOwned(target, vaultSecret)) return undefined;
  return changeReason(observed, target) ?? timeReason(observed);
}

/** What the VaultSecret asks for, or the Secret holds, is not what was synced. */
function changeReason(observed: Observed, target: ObservedSecret): ReadReason | undefined {
  const { generation, spec, status } = observed.vaultSecret;
  if (status.observedGeneration !== generation) return 'specChanged';
  const record = parseRecord(target.record);
  if (record === undefined) return 'recordLost';
  if (record.render !== renderRevision(spec)) return 'specChanged';
  return detectDrift(observed) === undefined ? undefined : 'drift';
}

function timeReason({ vaultSecret, memory, now }: Observed): ReadReason | undefined {
  if (vaultSecret.refresh !== vaultSecret.status.observedRefresh) return 'refreshRequested';
  if (memory.failed || isNotReady(vaultSecret)) return 'retry';
  return now >= memory.refreshAt ? 'refreshDue' : undefined;
}

function isNotReady({ status }: VaultSecret): boolean {
  return status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True';
}

function wantedRefs({ spec }: VaultSecret): readonly KeyVaultSecretRef[] {
  const refs = spec.data.map(({ secret: { name, version } }) =>
    version === undefined ? { name } : { name, version },
  );
  return [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
}
