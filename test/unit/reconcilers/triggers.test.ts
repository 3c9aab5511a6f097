import { describe, expect, test } from 'vitest';
import type { ObservedServiceAccount } from '../../../src/core/observed/identity.ts';
import type { ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import {
  secretIndexes,
  vaultConnectionIndexes,
  vaultSecretIndexes,
} from '../../../src/reconcilers/clusterCache.ts';
import { onNamedServiceAccount } from '../../../src/reconcilers/connectionTriggers.ts';
import {
  onConnection,
  onSecret,
  onServiceAccount,
  onVaultSecret,
} from '../../../src/reconcilers/triggers.ts';
import { keyOf, Store } from '../../../src/runtime/store.ts';
import { aServiceAccount, aVaultSecret, anObservedSecret } from '../core/builders.ts';
import { aClusterConnection, aConnection } from '../core/connections.ts';

function stored<T>(body: T, namespace = 'shop', name = 'shop'): Stored<T> {
  return { metadata: { namespace, name, uid: 'uid', resourceVersion: '1' }, body };
}

function storeOf<T>(
  indexes: Record<string, (o: Stored<T>) => readonly string[]>,
  objects: Stored<T>[],
) {
  const store = new Store(indexes);
  for (const object of objects) store.put(keyOf(object), object);
  return {
    upsert: () => undefined,
    remove: () => undefined,
    get: store.get.bind(store),
    list: store.list.bind(store),
    byIndex: store.byIndex.bind(store),
  };
}

const vaultSecret = aVaultSecret();
const connected = aVaultSecret({
  name: 'connected',
  spec: {
    vaultUrl: undefined,
    serviceAccountName: undefined,
    vaultConnectionRef: { kind: 'VaultConnection', name: 'team' },
  },
});
const lent = aVaultSecret({
  name: 'lent',
  spec: {
    vaultUrl: undefined,
    serviceAccountName: undefined,
    vaultConnectionRef: { kind: 'ClusterVaultConnection', name: 'platform' },
  },
});
const resources = {
  vaultSecrets: storeOf<VaultSecret>(
    vaultSecretIndexes,
    [vaultSecret, connected, lent].map((body) => stored(body, body.namespace, body.name)),
  ),
  secrets: storeOf<ObservedSecret>(secretIndexes, []),
  vaultConnections: storeOf(vaultConnectionIndexes, [
    stored(aConnection({ serviceAccountName: 'reader' }), 'shop', 'team'),
  ]),
};

const watched = { initial: false, ownWrite: false } as const;
const keys = (triggers: readonly { requestKey: string }[]): string[] =>
  triggers.map(({ requestKey }) => requestKey);

describe('a VaultSecret is looked at', () => {
  const edited = { ...vaultSecret, generation: 2 };
  const object = stored(edited);

  test.each([
    [
      'first when a user edits it',
      { type: 'updated', object, previous: stored(vaultSecret), ...watched },
      'edit',
    ],
    [
      'later when somebody takes its finalizer off',
      {
        type: 'updated',
        object,
        previous: stored({ ...edited, finalizers: ['vaultsecret.dev/merged-keys'] }),
        ...watched,
      },
      'change',
    ],
    [
      'last when it was there at the start',
      { type: 'added', object, initial: true, ownWrite: false },
      'start',
    ],
    [
      'when it is gone, to be forgotten',
      { type: 'deleted', object, previous: object, ...watched },
      'edit',
    ],
    [
      'when our own write let it go',
      { type: 'deleted', object, previous: object, initial: false, ownWrite: true },
      'edit',
    ],
  ] as const)('%s', (_, change, urgency) => {
    expect(onVaultSecret(change, resources)).toEqual([{ requestKey: 'shop/shop', urgency }]);
  });

  test.each([true, false])(
    'not for its status, also where the watch is faster than the answer (own write: %j)',
    (ownWrite) => {
      const written = stored({ ...edited, status: { observedGeneration: 2 } });

      expect(
        onVaultSecret(
          { type: 'updated', object: written, previous: object, initial: false, ownWrite },
          resources,
        ),
      ).toEqual([]);
    },
  );
});

describe('a Secret concerns', () => {
  const secret = (owner?: string) =>
    stored(anObservedSecret({ name: 'shop', ...(owner === undefined ? {} : { owner }) }));

  test('whoever owned it, owns it, or wants its name, each once', () => {
    const change = {
      type: 'updated',
      object: secret('shop/new'),
      previous: secret('shop/old'),
      ...watched,
    } as const;
    expect(keys(onSecret(change, resources))).toEqual(['shop/new', 'shop/old', 'shop/shop']);
  });

  test('nobody of another namespace, whatever its annotation says', () => {
    const change = { type: 'added', object: secret('other/vault-secret'), ...watched } as const;
    expect(keys(onSecret(change, resources))).toEqual(['shop/shop']);
  });
});

const otherId = '99999999-9999-9999-9999-999999999999';

describe('a ServiceAccount concerns', () => {
  const reader = stored(aServiceAccount(), 'shop', 'reader');

  test('those that name it, and those whose connection does', () => {
    const change = { type: 'added', object: stored(aServiceAccount()), ...watched } as const;
    expect(keys(onServiceAccount(change, resources))).toEqual(['shop/shop']);
    expect(keys(onServiceAccount({ ...change, object: reader }, resources))).toEqual([
      'shop/connected',
    ]);
  });

  test.each<readonly [string, Partial<ObservedServiceAccount>]>([
    ['is made again', { uid: 'another' }],
    ['names another client', { clientId: otherId }],
    ['names another tenant', { tenantId: otherId }],
    ['is deleted and held by a finalizer', { terminating: true }],
  ])('those that read with it when it %s', (_, fields) => {
    const object = stored(aServiceAccount(fields), 'shop', 'reader');
    const change = { type: 'updated', object, previous: reader, ...watched } as const;
    expect(keys(onServiceAccount(change, resources))).toEqual(['shop/connected']);
    expect(onNamedServiceAccount(change, resources)).toEqual(['shop/team']);
  });

  test('nobody when nothing changed that says who it is', () => {
    const change = { type: 'updated', object: reader, previous: reader, ...watched } as const;
    expect(onServiceAccount(change, resources)).toEqual([]);
  });
});

describe('a connection concerns those that refer to it', () => {
  test('when it comes, goes or changes', () => {
    const own = {
      type: 'added',
      object: stored(aConnection(), 'shop', 'team'),
      ...watched,
    } as const;
    const cluster = {
      type: 'deleted',
      object: stored(aClusterConnection(), '', 'platform'),
      ...watched,
    } as const;
    expect(keys(onConnection(own, resources))).toEqual(['shop/connected']);
    expect(keys(onConnection(cluster, resources))).toEqual(['shop/lent']);
  });

  test('but not when only its status moved', () => {
    const object = stored(aClusterConnection(), '', 'platform');
    expect(
      onConnection({ type: 'updated', object, previous: object, ...watched }, resources),
    ).toEqual([]);
  });
});
