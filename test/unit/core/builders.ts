import { azureClouds } from '../../../src/api/cloud.ts';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import {
  fieldManagerOf,
  managedLabel,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
  ownerAnnotation,
  syncRecordAnnotation,
} from '../../../src/api/meta.ts';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type { DesiredSecret } from '../../../src/core/secret/desired.ts';
import type { ReconcileError } from '../../../src/core/errors/errors.ts';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import type { Diagnosis } from '../../../src/core/diagnose/diagnosis.ts';
import type { Fetched } from '../../../src/core/plan/fetched.ts';
import type { ObservedServiceAccount } from '../../../src/core/observed/identity.ts';
import type { KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import { sourceKey, type SourceValue } from '../../../src/core/source/sourceRef.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
  SyncMemory,
  VaultSecret,
} from '../../../src/core/observed/observed.ts';
import { otherEntries } from '../../../src/core/secret/ownership.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Plan } from '../../../src/core/plan/planned.ts';
import { redact } from '../../../src/core/redacted.ts';
import { rfc3339 } from '../../../src/core/rfc3339.ts';
import type { SecretAction } from '../../../src/core/secret/secretAction.ts';
import { select, type Selection } from '../../../src/core/select/select.ts';
import { statusProblems } from './statusCheck.ts';

export const now = Date.parse('2026-11-25T12:00:00Z');
/** Second of our last write to the Secret. */
export const writtenTime = '2026-11-25T11:00:00Z';
export const clientId = '11111111-1111-1111-1111-111111111111';
export const tenantId = '22222222-2222-2222-2222-222222222222';
export const versionOne = '1'.repeat(32);
export const versionTwo = '2'.repeat(32);

export function aSpec(spec: Partial<VaultSecretSpec> = {}): VaultSecretSpec {
  return {
    vaultUrl: 'https://shop-prod.vault.azure.net',
    serviceAccountName: 'shop',
    data: [{ dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } }],
    ...spec,
  };
}

export type VaultSecretFields = Partial<Omit<VaultSecret, 'spec'>> & {
  readonly spec?: Partial<VaultSecretSpec>;
};

/** VaultSecret shop/shop, never looked at. */
export function aVaultSecret({ spec, ...fields }: VaultSecretFields = {}): VaultSecret {
  return {
    namespace: 'shop',
    name: 'shop',
    uid: 'uid-1',
    generation: 1,
    createdAt: Date.parse('2026-11-25T10:00:00Z'),
    terminating: false,
    finalizers: [],
    status: { observedGeneration: -1 },
    ...fields,
    spec: aSpec(spec),
  };
}

export function aServiceAccount(
  fields: Partial<ObservedServiceAccount> = {},
): ObservedServiceAccount {
  return { uid: 'sa-uid', clientId, tenantId, ...fields };
}

export function aKeyVaultSecret(fields: Partial<KeyVaultSecret> = {}): KeyVaultSecret {
  return { name: 'db-password', version: versionOne, value: redact('p4ssw0rd'), ...fields };
}

/** An hour of life, renewed after two thirds of it. */
export function aToken(obtainedAt: number): SourceValue {
  const expiresOn = obtainedAt / 1000 + 3_600;
  return {
    version: rfc3339(expiresOn),
    value: redact(`token of ${obtainedAt}`),
    expiresOn,
    supersededAt: obtainedAt / 1000 + 2_400,
  };
}

/** An entry of managedFields; by default somebody else's edit of nothing. */
export function aManager(fields: Partial<FieldManager> = {}): FieldManager {
  return {
    name: 'kubectl-edit',
    operation: 'Update',
    time: writtenTime,
    dataKeys: [],
    stringDataKeys: [],
    labels: [],
    annotations: [],
    ...fields,
  };
}

/** A Secret under the target's name that we know nothing of. */
export function anObservedSecret(fields: Partial<ObservedSecret> = {}): ObservedSecret {
  return {
    namespace: 'shop',
    name: 'shop',
    uid: 'secret-uid',
    resourceVersion: '100',
    terminating: false,
    managed: false,
    ownerUids: [],
    marks: [],
    managers: [aManager({ dataKeys: ['FOREIGN'] })],
    ...fields,
  };
}

/** The Secret as the API server answers to an apply. */
export function asWritten(
  desired: DesiredSecret,
  uid = 'uid-1',
  before: ObservedSecret = anObservedSecret({ managers: [] }),
): ObservedSecret {
  const { namespace, name, type, ownerReference, labels, annotations, data } = desired;
  const ours = aManager({
    name: fieldManagerOf(uid),
    operation: 'Apply',
    dataKeys: Object.keys(data),
    labels: Object.keys(labels),
    annotations: Object.keys(annotations),
  });
  if (type === undefined) {
    const owner = annotations[mergeOwnerAnnotation(uid)] ?? '';
    const mark = { uid, owner, record: annotations[mergeRecordAnnotation(uid)] ?? '' };
    const marks = [...before.marks.filter((one) => one.uid !== uid), mark];
    return { ...before, marks, managers: [...otherEntries(before, uid), ours] };
  }
  const owner = annotations[ownerAnnotation];
  const record = annotations[syncRecordAnnotation];
  return {
    namespace,
    name,
    uid: 'secret-uid',
    resourceVersion: '100',
    terminating: false,
    managed: labels[managedLabel] === 'true',
    ...(owner === undefined ? {} : { owner }),
    ownerUids: ownerReference === undefined ? [] : [ownerReference.uid],
    ...(record === undefined ? {} : { record }),
    marks: [],
    managers: [ours],
  };
}

export function aMemory(fields: Partial<SyncMemory> = {}): SyncMemory {
  return { refreshAt: now + 60_000, verifiedAt: now, failures: 0, lookLive: false, ...fields };
}

/** A VaultSecret whose Secret does not exist. */
export function anObserved(fields: Partial<Observed> = {}): Observed {
  return {
    now,
    vaultSecret: aVaultSecret(),
    connection: undefined,
    serviceAccount: aServiceAccount(),
    credential: undefined,
    defaultTenantId: undefined,
    homeCloud: azureClouds.AzurePublic,
    controllerIdentity: undefined,
    target: undefined,
    hasWrongType: false,
    rivals: [],
    formerTargets: [],
    heirs: [],
    memory: aMemory(),
    ...fields,
  };
}

/** What Key Vault answers, by `refKey`. */
export type Vault = Readonly<Record<string, SourceValue | ReconcileError>>;

export function aVault(...secrets: readonly KeyVaultSecret[]): Vault {
  return Object.fromEntries(secrets.map((secret) => [secret.name, secret]));
}

export const diagnosed = (observed: Observed): Diagnosis => diagnose(observed);

export const selected = (observed: Observed): Selection => select(observed, diagnose(observed));

/** diagnose, select, fetch and plan in one; a status that changes is checked each time. */
export function decide(observed: Observed, vault: Vault = aVault(aKeyVaultSecret())): Plan {
  const diagnosis = diagnose(observed);
  const selection = select(observed, diagnosis);
  const fetched: Fetched = new Map(
    selection.refs.map((ref) => {
      const answer = vault[sourceKey(ref)];
      if (answer === undefined) throw new TypeError(`the vault has no ${sourceKey(ref)}`);
      const result =
        answer instanceof Error ? { ok: false, error: answer } : { ok: true, value: answer };
      return [sourceKey(ref), result as { ok: true; value: SourceValue }];
    }),
  );
  const decided = plan(observed, diagnosis, selection, fetched);
  const { vaultSecret } = observed;
  if (decided.status !== vaultSecret.status)
    expect(statusProblems(vaultSecret, decided.status)).toEqual([]);
  return decided;
}

/** The world once a plan was applied, an hour ago. */
export function afterwards(observed: Observed, { secret, status, memory }: Plan): Observed {
  return {
    ...observed,
    vaultSecret: { ...observed.vaultSecret, status },
    target: targetAfter(observed, secret),
    memory,
  };
}

function targetAfter(
  { target, vaultSecret }: Observed,
  action: SecretAction,
): ObservedSecret | undefined {
  if (action.kind === 'delete') return undefined;
  return action.kind === 'keep' || action.kind === 'confirm'
    ? target
    : asWritten(action.desired, vaultSecret.uid, target);
}

/** A VaultSecret whose Secret is true to Key Vault. */
export function aSynced(vaultSecret = aVaultSecret(), vault?: Vault): Observed {
  const observed = anObserved({ vaultSecret });
  const earlier = { ...observed, now: Date.parse(writtenTime) };
  return { ...afterwards(observed, decide(earlier, vault)), now, memory: aMemory() };
}

/** What a plan would write, in words; empty at rest. */
export function writesOf(observed: Observed, vault?: Vault): readonly string[] {
  const { secret, formerTargets, status, events } = decide(observed, vault);
  return [
    ...(secret.kind === 'keep' || secret.kind === 'confirm' ? [] : [`Secret: ${secret.kind}`]),
    ...formerTargets.map(({ kind, name }) => `Secret ${name}: ${kind}`),
    ...(isDeepStrictEqual(status, observed.vaultSecret.status) ? [] : ['status']),
    ...events.map(({ reason }) => `event ${reason}`),
  ];
}

/** What the plan after the next would write: nothing, or the controller turns in circles. */
export function writesAfter(observed: Observed, vault?: Vault): readonly string[] {
  const next = afterwards(observed, decide(observed, vault));
  return writesOf({ ...next, memory: aMemory() }, vault);
}

/** The Secret of a synced world; a test changes it into what somebody made of it. */
export function targetOf({ target }: Observed): ObservedSecret {
  if (target === undefined) throw new TypeError('there is no Secret');
  return target;
}

/** A change of the spec, as the API server counts it. */
export function edited(observed: Observed, spec: Partial<VaultSecretSpec>): Observed {
  const { vaultSecret } = observed;
  return {
    ...observed,
    vaultSecret: {
      ...vaultSecret,
      generation: vaultSecret.generation + 1,
      spec: { ...vaultSecret.spec, ...spec },
    },
  };
}
