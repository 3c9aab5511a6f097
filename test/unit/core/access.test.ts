import { azureClouds } from '../../../src/api/cloud.ts';
import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { concealed, resolveAccess } from '../../../src/core/access/access.ts';
import { type ObservedConnection } from '../../../src/core/observed/connection.ts';
import { explain } from '../../../src/core/errors/errors.ts';
import { identityKey, type LentWorkloadIdentity } from '../../../src/core/observed/identity.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import {
  aServiceAccount,
  aVaultSecret,
  anObserved,
  clientId,
  decide,
  tenantId,
} from './builders.ts';
import { aClusterConnection, aConnection, granted } from './connections.ts';
import { anError } from './someErrors.ts';

const controllerIdentity = { clientId: '99999999-9999-9999-9999-999999999999' };
const ownClient = '55555555-5555-5555-5555-555555555555';
const lentData = [{ dataKey: 'K', secret: { name: 'shop--key' } }];

function observedWith(
  connection: ObservedConnection | undefined,
  spec: Partial<VaultSecretSpec> = {},
  fields: Partial<Observed> = {},
): Observed {
  const kind = connection?.kind ?? 'VaultConnection';
  const name = connection?.name ?? 'gone';
  const vaultSecret = aVaultSecret({
    spec: {
      vaultUrl: undefined,
      serviceAccountName: undefined,
      vaultConnectionRef: { kind, name },
      data: lentData,
      ...spec,
    },
  });
  return anObserved({
    vaultSecret,
    connection,
    controllerIdentity,
    defaultTenantId: tenantId,
    ...fields,
  });
}

const platform = granted(aClusterConnection());
const reasonOf = (observed: Observed): string => {
  const access = resolveAccess(observed);
  return access.ok ? access.value.identity.kind : access.error.reason;
};

describe('a VaultSecret with a VaultConnection', () => {
  test('reads its vault with the ServiceAccount that the connection names', () => {
    expect(resolveAccess(observedWith(aConnection({ serviceAccountName: 'reader' })))).toEqual({
      ok: true,
      value: {
        vaultUrl: 'https://team.vault.azure.net',
        identity: expect.objectContaining({
          kind: 'workloadIdentity',
          serviceAccountName: 'reader',
          clientId,
        }),
      },
    });
  });

  test('reads with its own ServiceAccount where it names one, and with that one’s client id', () => {
    const connection = aConnection({ serviceAccountName: 'reader', clientId: ownClient });
    const access = resolveAccess(observedWith(connection, { serviceAccountName: 'mine' }));
    expect(access).toMatchObject({ value: { identity: { serviceAccountName: 'mine', clientId } } });
  });

  test('takes the client id of the connection for the ServiceAccount beside it', () => {
    const connection = aConnection({ serviceAccountName: 'reader', clientId: ownClient });
    const access = resolveAccess(observedWith(connection));
    expect(access).toMatchObject({ value: { identity: { clientId: ownClient } } });
  });

  test('takes the tenant of the ServiceAccount, else of the connection, else of the controller', () => {
    const tenant = '77777777-7777-7777-7777-777777777777';
    const connection = aConnection({ serviceAccountName: 'reader', tenantId: tenant });
    const without = { serviceAccount: { uid: 'sa-uid', clientId }, defaultTenantId: ownClient };
    expect(resolveAccess(observedWith(connection))).toMatchObject({
      value: { identity: { tenantId } },
    });
    expect(resolveAccess(observedWith(connection, {}, without))).toMatchObject({
      value: { identity: { tenantId: tenant } },
    });
  });

  test.each<readonly [string, Observed, string]>([
    ['is told when it does not exist', observedWith(undefined), 'VaultConnectionNotFound'],
    ['is told when nobody is named to read', observedWith(aConnection()), 'IdentityMissing'],
    [
      'never uses one of another namespace',
      observedWith({ ...aConnection({ serviceAccountName: 'reader' }), namespace: 'pay' }),
      'VaultConnectionNotFound',
    ],
    [
      'is told when it is not valid',
      observedWith({
        ...aConnection(),
        problem: { field: 'spec.vaultUrl', problem: 'is missing' },
      }),
      'ConnectionInvalid',
    ],
    [
      'never has an identity lent by it',
      observedWith(aConnection(), {}, { controllerIdentity }),
      'IdentityMissing',
    ],
  ])('%s', (_, observed, reason) => {
    expect(reasonOf(observed)).toBe(reason);
  });
});

describe('a VaultSecret with a ClusterVaultConnection', () => {
  test('reads with the lent identity, named by namespace and version of the connection', () => {
    expect(resolveAccess(observedWith(platform))).toEqual({
      ok: true,
      value: {
        vaultUrl: 'https://platform.vault.azure.net',
        identity: {
          kind: 'controllerWorkloadIdentity',
          namespace: 'shop',
          connection: 'platform',
          connectionUid: 'connection-uid',
          connectionGeneration: 1,
          ...controllerIdentity,
          tenantId,
          cloud: azureClouds.AzurePublic,
        },
      },
    });
  });

  test.each<readonly [string, Observed, string]>([
    [
      'reads with a ServiceAccount of its own where it names one',
      observedWith(platform, { serviceAccountName: 'mine' }),
      'workloadIdentity',
    ],
    [
      'must name one where nothing is lent',
      observedWith(granted(aClusterConnection({ lend: undefined }))),
      'IdentityMissing',
    ],
    [
      'is refused when its namespace is not allowed',
      observedWith(granted(aClusterConnection({ allowedNamespaces: { names: ['pay'] } }))),
      'ClusterVaultConnectionNotAvailable',
    ],
    [
      'is refused an object that is not lent to it',
      observedWith(platform, {
        data: [...lentData, { dataKey: 'X', secret: { name: 'pay--key' } }],
      }),
      'ObjectNotLent',
    ],
    [
      'is told when the controller has no identity to lend',
      observedWith(platform, {}, { controllerIdentity: undefined }),
      'LentIdentityNotConfigured',
    ],
  ])('%s', (_, observed, reason) => {
    expect(reasonOf(observed)).toBe(reason);
  });

  test('is told the same of one that does not exist and of one that is not for it', () => {
    const spec = {
      vaultConnectionRef: { kind: 'ClusterVaultConnection', name: 'platform' },
    } as const;
    const texts = [
      undefined,
      granted(aClusterConnection({ allowedNamespaces: { names: ['pay'] } })),
    ].map((connection) => {
      const access = resolveAccess(observedWith(connection, spec));
      return access.ok ? '' : explain(access.error);
    });
    expect(texts[0]).toBe(texts[1]);
  });

  test('reads nothing when the grant was withdrawn, though its Secret is there', () => {
    const withdrawn = granted(aClusterConnection({ allowedNamespaces: { names: ['pay'] } }));
    expect(decide(observedWith(withdrawn), {}).error?.reason).toBe(
      'ClusterVaultConnectionNotAvailable',
    );
  });
});

const lent: LentWorkloadIdentity = {
  kind: 'controllerWorkloadIdentity',
  namespace: 'shop',
  connection: 'platform',
  connectionUid: 'u',
  connectionGeneration: 1,
  ...controllerIdentity,
  tenantId,
  cloud: azureClouds.AzurePublic,
};

describe('a lent identity', () => {
  test.each<readonly [string, Partial<LentWorkloadIdentity>]>([
    ['another borrower', { namespace: 'pay' }],
    ['a connection that was made again', { connectionUid: 'v' }],
    ['a connection that was changed', { connectionGeneration: 2 }],
    ['another client', { clientId: ownClient }],
  ])('shares no token and no read with %s', (_, difference) => {
    expect(identityKey({ ...lent, ...difference })).not.toBe(identityKey(lent));
  });

  test('tells its user code and connection, and no id, vault or tenant', () => {
    for (const reason of [
      'KeyVaultForbidden',
      'FederatedCredentialNotFound',
      'KeyVaultUnreachable',
    ] as const) {
      const text = explain(concealed(anError(reason), lent));
      expect(text).toContain('platform');
      expect(text).toContain(anError(reason).entry.code);
      expect(text).not.toMatch(/shop-prod|[0-9a-f]{8}-[0-9a-f]{4}|oidc|vault[.]azure/);
    }
  });

  test('keeps what is told to a reader with an identity of its own', () => {
    const access = resolveAccess(anObserved({ serviceAccount: aServiceAccount() }));
    const error = anError('KeyVaultForbidden');
    expect(access.ok && concealed(error, access.value.identity)).toBe(error);
  });
});
