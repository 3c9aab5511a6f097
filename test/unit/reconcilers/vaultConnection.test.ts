import { describe, expect, test } from 'vitest';
import type { VaultConnectionSpec } from '../../../src/api/vaultConnection.ts';
import { conditionOf } from '../../../src/core/observed/conditions.ts';
import type { VaultConnection } from '../../../src/core/observed/connection.ts';
import type { ObservedServiceAccount } from '../../../src/core/observed/identity.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import {
  onNamedCredential,
  onNamedServiceAccount,
} from '../../../src/reconcilers/connectionTriggers.ts';
import { createVaultConnectionReconciler } from '../../../src/reconcilers/vaultConnection.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { aServiceAccount, clientId, now, tenantId } from '../core/builders.ts';
import { aConnection } from '../core/connections.ts';
import { statusProblems } from '../core/statusCheck.ts';
import { fakeCredentials, type Values } from '../identity/storedSecret.ts';

interface Given {
  readonly spec?: Partial<VaultConnectionSpec>;
  readonly fields?: Partial<VaultConnection>;
  readonly serviceAccount?: ObservedServiceAccount;
  /** What the Secret `entra` holds, if its owner offers it as a credential. */
  readonly values?: Values;
  /** Only the API server knows of what is named, not our watches. */
  readonly isLate?: boolean;
  readonly refusal?: KubeApiError;
}

/** VaultConnection shop/team, with what it names. */
function world(given: Given) {
  const clock = createManualClock(now);
  const asked: string[] = [];
  const writes: string[] = [];
  let connection = aConnection(given.spec, given.fields);
  const credential = given.values && { uid: 'u1', resourceVersion: '7' };
  const reconcile = createVaultConnectionReconciler({
    cache: {
      vaultConnection: ({ namespace, name }) =>
        `${namespace}/${name}` === 'shop/team' ? connection : undefined,
      serviceAccount: () => (given.isLate === true ? undefined : given.serviceAccount),
      credential: () => (given.isLate === true ? undefined : credential),
      rememberVaultConnection: ({ body }) => void (connection = body),
    },
    serviceAccounts: {
      async get({ namespace, name }) {
        asked.push(`ServiceAccount ${namespace}/${name}`);
        return given.serviceAccount;
      },
    },
    credentials: {
      ...fakeCredentials(given.values),
      async find({ namespace, name }) {
        asked.push(`Secret ${namespace}/${name}`);
        return credential;
      },
    },
    connections: {
      async replaceStatus(before, status) {
        writes.push(conditionOf(status, 'Ready')?.reason ?? '');
        if (given.refusal !== undefined) throw given.refusal;
        expect(statusProblems(before, status)).toEqual([]);
        const metadata = { name: 'team', namespace: 'shop', uid: 'uid', resourceVersion: '2' };
        return { metadata, body: { ...before, status } };
      },
    },
    clock,
    defaultTenantId: undefined,
  });
  return { clock, asked, writes, reconcile, status: () => connection.status };
}

const serviceAccountName = 'reader';
const unbound = { uid: 'sa-uid' };
const servicePrincipal = {
  tenantId,
  clientId,
  secretRef: { name: 'entra', key: 'client-secret' },
} as const;
const byCertificate = { tenantId, clientId, certificateRef: { name: 'entra' } } as const;

describe('a VaultConnection can be used', () => {
  test.each<readonly [string, Given]>([
    ['that names nobody, because VaultSecrets do', {}],
    [
      'whose ServiceAccount is bound to an identity',
      { spec: { serviceAccountName }, serviceAccount: aServiceAccount() },
    ],
    [
      'that binds its ServiceAccount itself',
      { spec: { serviceAccountName, clientId, tenantId }, serviceAccount: unbound },
    ],
    [
      'whose Secret holds the key',
      { spec: { servicePrincipal }, values: { 'client-secret': 's3cr3t' } },
    ],
    [
      'whose Secret holds certificate and key',
      { spec: { servicePrincipal: byCertificate }, values: { 'tls.crt': 'c', 'tls.key': 'k' } },
    ],
  ])('%s', async (_, given) => {
    const { reconcile, status } = world(given);
    await reconcile('shop/team');

    expect(status()).toMatchObject({
      observedGeneration: 1,
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Ready', status: 'True', reason: 'Valid' }),
      ]),
    });
    expect(JSON.stringify(status())).not.toContain('s3cr3t');
  });
});

describe('a VaultConnection cannot be used', () => {
  test.each<readonly [string, Given, string]>([
    [
      'whose spec is not valid',
      { fields: { problem: { field: 'spec.vaultUrl', problem: 'is missing' } } },
      'InvalidSpec',
    ],
    ['whose ServiceAccount is missing', { spec: { serviceAccountName } }, 'ServiceAccountNotFound'],
    [
      'whose ServiceAccount is bound to no identity',
      { spec: { serviceAccountName }, serviceAccount: unbound },
      'ClientIdMissing',
    ],
    [
      'whose tenant nobody names',
      { spec: { serviceAccountName, clientId }, serviceAccount: unbound },
      'TenantIdMissing',
    ],
    [
      'whose ServiceAccount names something that is no id',
      { spec: { serviceAccountName, tenantId }, serviceAccount: { ...unbound, clientId: 'shop' } },
      'IdentityInvalid',
    ],
    [
      'whose Secret is missing or not offered',
      { spec: { servicePrincipal } },
      'CredentialSecretNotFound',
    ],
    [
      'whose Secret lacks the key',
      { spec: { servicePrincipal }, values: { other: 's3cr3t' } },
      'CredentialKeyMissing',
    ],
    [
      'whose certificate has no key',
      { spec: { servicePrincipal: byCertificate }, values: { 'tls.crt': 'c' } },
      'CredentialKeyMissing',
    ],
  ])('%s, and somebody must act', async (_, given, reason) => {
    const { reconcile, status } = world(given);
    await reconcile('shop/team');

    expect(status()).toMatchObject({
      observedGeneration: 1,
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Ready', status: 'False', reason }),
        expect.objectContaining({ type: 'Stalled', status: 'True', reason }),
      ]),
    });
    expect(JSON.stringify(status())).not.toContain('s3cr3t');
  });
});

test.each<readonly [string, Given, string[]]>([
  ['a client secret', { spec: { servicePrincipal } }, ['ClientSecret']],
  ['a certificate', { spec: { servicePrincipal: byCertificate } }, ['ClientCertificate']],
  ['nothing but a ServiceAccount', { spec: { serviceAccountName } }, []],
])('one that names %s says what that costs', async (_, given, reasons) => {
  const { reconcile, status } = world(given);
  await reconcile('shop/team');

  const { conditions = [] } = status();
  const warnings = conditions.filter(({ type }) => type === 'StoredCredential');
  expect(warnings.map(({ reason }) => reason)).toEqual(reasons);
  for (const { message } of warnings)
    expect(message).toMatch(/Secret entra: whoever can read it .* in VaultConnection team\.$/);
});

test('what it names is asked for before it is said to be missing, and once', async () => {
  for (const spec of [{ serviceAccountName }, { servicePrincipal }]) {
    const { asked, reconcile } = world({ spec });
    await reconcile('shop/team');
    await reconcile('shop/team');

    expect(asked).toEqual([
      'serviceAccountName' in spec ? 'ServiceAccount shop/reader' : 'Secret shop/entra',
    ]);
  }
});

test('what our watches have not told of yet is found', async () => {
  const isLate = true;
  const bound = world({ spec: { serviceAccountName }, serviceAccount: aServiceAccount(), isLate });
  const stored = world({ spec: { servicePrincipal }, values: { 'client-secret': '' }, isLate });
  await bound.reconcile('shop/team');
  await stored.reconcile('shop/team');

  expect([...bound.writes, ...stored.writes]).toEqual(['Valid', 'Valid']);
});

test('nothing is written while nothing changes', async () => {
  const { clock, writes, reconcile } = world({});
  await reconcile('shop/team');
  clock.step(86_400_000);
  await reconcile('shop/team');

  expect(writes).toEqual(['Valid']);
});

test('one that is gone when its status is written is no failure', async () => {
  const refusal = new KubeApiError({ status: 404, reason: '', message: '' });

  await expect(world({ refusal }).reconcile('shop/team')).resolves.toEqual({});
});

test('one whose status others wrote meanwhile is looked at again', async () => {
  const refusal = new KubeApiError({ status: 422, reason: '', message: '' });

  await expect(world({ refusal }).reconcile('shop/team')).rejects.toBeInstanceOf(StaleFenceError);
});

test('a status that the API server did not take is tried again', async () => {
  const refusal = new KubeApiError({ status: 500, reason: '', message: '' });

  await expect(world({ refusal }).reconcile('shop/team')).rejects.toBe(refusal);
});

test('one that is not there needs no status', async () => {
  const { writes, reconcile } = world({});
  await reconcile('shop/other');

  expect(writes).toEqual([]);
});

describe('whoever names it is looked at', () => {
  const change = <T>(before: T, body: T) => {
    const metadata = { namespace: 'shop', name: 'reader', uid: 'uid', resourceVersion: '1' };
    const watched = { type: 'updated', initial: false, ownWrite: false } as const;
    return { ...watched, object: { metadata, body }, previous: { metadata, body: before } };
  };
  const asked: string[] = [];
  const metadata = { namespace: 'shop', name: 'team', uid: 'uid', resourceVersion: '1' };
  const vaultConnections = {
    get: () => undefined,
    list: () => [],
    upsert: () => undefined,
    remove: () => undefined,
    byIndex(index: string, value: string) {
      asked.push(`${index} ${value}`);
      return [{ metadata, body: aConnection() }];
    },
  };

  test('when a ServiceAccount is bound to another identity, and for nothing else of it', () => {
    const bound = change<ObservedServiceAccount>(unbound, aServiceAccount());
    const same = change<ObservedServiceAccount>(unbound, { ...unbound });

    expect(onNamedServiceAccount(bound, { vaultConnections })).toEqual(['shop/team']);
    expect(onNamedServiceAccount(same, { vaultConnections })).toEqual([]);
  });

  test('when a credential changes', () => {
    const renewed = change(
      { uid: 'u1', resourceVersion: '7' },
      { uid: 'u1', resourceVersion: '8' },
    );

    expect(onNamedCredential(renewed, { vaultConnections })).toEqual(['shop/team']);
    expect(asked).toEqual(['serviceAccount shop/reader', 'credential shop/reader']);
  });
});
