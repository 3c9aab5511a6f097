import { describe, expect, test } from 'vitest';
import { lentPatterns } from '../../../../src/core/access/lending.ts';
import { reviewAccess, type ReviewInput } from '../../../../src/cli/access/review.ts';
import type { VaultSecret } from '../../../../src/core/observed/observed.ts';
import { aServiceAccount, aVaultSecret, clientId, tenantId } from '../../core/builders.ts';
import { aClusterConnection, aConnection, granted } from '../../core/connections.ts';

const shop = { namespace: 'shop', name: 'shop', ...aServiceAccount() };
const labelled = [
  { name: 'shop', labels: {} },
  { name: 'pay', labels: {} },
  { name: 'web', labels: { vaults: 'yes' } },
];

const longer = [...labelled, { name: 'shop--eu', labels: {} }];

/** Reads an object of the vault that ClusterVaultConnection platform lends. */
function aBorrower(name: string): VaultSecret {
  const { vaultUrl: _url, serviceAccountName: _name, ...spec } = aVaultSecret().spec;
  const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: 'platform' } as const;
  const data = [{ dataKey: 'K', secret: { name } }];
  return { ...aVaultSecret(), spec: { ...spec, vaultConnectionRef, data } };
}

const review = (input: Partial<ReviewInput>) =>
  reviewAccess({
    vaultSecrets: [],
    vaultConnections: [],
    clusterVaultConnections: [],
    serviceAccounts: [],
    areOwnersSeen: true,
    defaultTenantId: undefined,
    ...input,
  });

describe('who can read what', () => {
  test('a ServiceAccount with a client id reaches whatever Azure lets that identity read', () => {
    const nobody = { namespace: 'shop', name: 'nobody', uid: 'u' };
    const typo = { ...nobody, name: 'typo', clientId: 'shop' };

    expect(review({ serviceAccounts: [shop, nobody, typo] }).reaches).toEqual([
      {
        namespace: 'shop',
        through: { kind: 'ServiceAccount', name: 'shop' },
        identity: clientId,
        tenantId,
        objects: ['*'],
        except: [],
        grantedByLabel: false,
        reads: [],
      },
    ]);
  });

  test('a tenant that only the controller knows is not made up', () => {
    const { tenantId: _tenantId, ...homeless } = shop;

    expect(review({ serviceAccounts: [homeless] }).reaches[0]).not.toHaveProperty('tenantId');
    const known = review({ serviceAccounts: [homeless], defaultTenantId: tenantId });
    expect(known.reaches[0]).toHaveProperty('tenantId', tenantId);
  });

  test('a VaultSecret is told by what it reads through, and each object once', () => {
    const data = ['a', 'b', 'a'].map((name, at) => ({ dataKey: `K${at}`, secret: { name } }));
    const { reaches } = review({
      serviceAccounts: [shop],
      vaultSecrets: [aVaultSecret({ spec: { data } })],
    });

    const vaultUrl = 'https://shop-prod.vault.azure.net';
    expect(reaches[0]?.reads).toEqual([
      { vaultSecret: 'shop', vaultUrl, objects: ['a', 'b'], secret: 'shop' },
    ]);
  });

  test('a VaultConnection reaches one vault, with the client id that it names', () => {
    const other = '33333333-3333-3333-3333-333333333333';
    const connection = aConnection({ serviceAccountName: 'shop', clientId: other });
    const vaultConnectionRef = { kind: 'VaultConnection', name: 'team' } as const;
    const { vaultUrl: _url, serviceAccountName: _name, ...spec } = aVaultSecret().spec;
    const { reaches } = review({
      serviceAccounts: [shop],
      vaultConnections: [connection, { ...aConnection(), name: 'only-a-vault' }],
      vaultSecrets: [{ ...aVaultSecret(), spec: { ...spec, vaultConnectionRef } }],
    });

    expect(
      reaches.map(({ through, identity, reads }) => [through.name, identity, reads.length]),
    ).toEqual([
      ['shop', clientId, 0],
      ['team', other, 1],
    ]);
  });

  test('a VaultConnection with a stored credential says where it lies', () => {
    const secretRef = { name: 'app-credential', key: 'secret' };
    const connection = aConnection({ servicePrincipal: { clientId, tenantId, secretRef } });

    expect(review({ vaultConnections: [connection] }).reaches).toMatchObject([
      { identity: clientId, tenantId, credentialSecret: 'app-credential' },
    ]);
  });

  test('a ServiceAccount of the same name in another namespace gives nothing', () => {
    const elsewhere = { ...shop, namespace: 'pay' };
    const { reaches, refused } = review({
      serviceAccounts: [elsewhere],
      vaultConnections: [aConnection({ serviceAccountName: 'shop' })],
      vaultSecrets: [aVaultSecret()],
    });

    expect(reaches.map(({ namespace }) => namespace)).toEqual(['pay']);
    expect(reaches[0]?.reads).toEqual([]);
    expect(refused.map(({ error }) => error.reason)).toEqual(['ServiceAccountNotFound']);
  });

  test('a lent identity reaches its patterns, in each namespace that is allowed', () => {
    const spec = {
      allowedNamespaces: { names: ['shop'], selector: { matchLabels: { vaults: 'yes' } } },
    };
    const connection = granted(aClusterConnection(spec), labelled);
    const { reaches } = review({ clusterVaultConnections: [connection] });

    expect(
      reaches.map(({ namespace, identity, objects, grantedByLabel }) => [
        namespace,
        identity,
        objects,
        grantedByLabel,
      ]),
    ).toEqual([
      ['shop', 'ControllerWorkloadIdentity', ['shop--*'], false],
      ['web', 'ControllerWorkloadIdentity', ['web--*'], true],
    ]);
  });

  test.each([
    ['reads what is lent', labelled, 'shop--db', ['shop', undefined]],
    [
      'is refused what a longer namespace owns',
      longer,
      'shop--eu--db',
      [undefined, 'ObjectNotLent'],
    ],
  ])('a borrower %s, as the controller decides', (_, namespaces, name, expected) => {
    const vaultSecret = aBorrower(name);
    const clusterVaultConnections = [granted(aClusterConnection(), namespaces)];
    const { reaches, refused } = review({ clusterVaultConnections, vaultSecrets: [vaultSecret] });
    const reading = reaches.flatMap(({ reads }) => reads.map((one) => one.vaultSecret));
    expect([reading[0], refused[0]?.error.reason]).toEqual(expected);

    const unseen = review({
      clusterVaultConnections,
      vaultSecrets: [vaultSecret],
      areOwnersSeen: false,
    });
    expect(unseen.undecided).toEqual([{ namespace: 'shop', vaultSecret: 'shop' }]);
  });

  test('a connection that is not allowed reads nothing, and says so', () => {
    const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: 'platform' } as const;
    const { vaultUrl: _url, serviceAccountName: _name, ...spec } = aVaultSecret().spec;
    const stranger = { ...aVaultSecret(), namespace: 'web', spec: { ...spec, vaultConnectionRef } };
    const { refused } = review({
      clusterVaultConnections: [granted(aClusterConnection(), labelled)],
      vaultSecrets: [stranger],
    });

    expect(refused.map(({ error }) => error.reason)).toEqual([
      'ClusterVaultConnectionNotAvailable',
    ]);
  });

  test('a spec that cannot be read reads nothing', () => {
    const broken = aVaultSecret({ problem: { field: 'spec.data', problem: 'is not valid' } });

    const { refused } = review({ serviceAccounts: [shop], vaultSecrets: [broken] });
    expect(refused.map(({ error }) => error.reason)).toEqual(['InvalidSpec']);
  });

  test.each<readonly [keyof ReviewInput, 'VaultConnection' | 'ClusterVaultConnection' | undefined]>(
    [
      ['serviceAccounts', undefined],
      ['vaultConnections', 'VaultConnection'],
      ['clusterVaultConnections', 'ClusterVaultConnection'],
    ],
  )('nothing is claimed that depends on %s while they cannot be seen', (list, kind) => {
    const { vaultUrl: _url, serviceAccountName: _name, ...rest } = aVaultSecret().spec;
    const spec =
      kind === undefined
        ? aVaultSecret().spec
        : { ...rest, vaultConnectionRef: { kind, name: 'a' } };

    const seen = review({ vaultSecrets: [{ ...aVaultSecret(), spec }], [list]: undefined });
    expect(seen).toEqual({
      reaches: [],
      refused: [],
      undecided: [{ namespace: 'shop', vaultSecret: 'shop' }],
    });
  });
});

describe('patterns of a lent identity', () => {
  const allowing = (names: readonly string[], objectPatterns: readonly string[]) => {
    const lend = {
      identity: { kind: 'ControllerWorkloadIdentity' } as const,
      objectPatterns: [...objectPatterns],
    };
    return granted(aClusterConnection({ allowedNamespaces: { names: [...names] }, lend }));
  };

  test('leave out what belongs to a longer name', () => {
    const connection = allowing(['a', 'a-b', 'c'], ['{namespace}-*', 'x']);

    expect(lentPatterns(connection, 'a')).toEqual({ objects: ['a-*'], except: ['a-b-*'] });
    expect(lentPatterns(connection, 'a-b')).toEqual({ objects: ['a-b-*'], except: [] });
    expect(lentPatterns(connection, 'c')).toEqual({ objects: ['c-*'], except: [] });
  });

  test('are taken as they are for a single namespace', () => {
    expect(lentPatterns(allowing(['a'], ['shared-*']), 'a').objects).toEqual(['shared-*']);
  });
});
