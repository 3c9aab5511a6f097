import { expect, test } from 'vitest';
import type { ClusterVaultConnectionSpec } from '../../../src/api/vaultConnection.ts';
import type {
  ClusterVaultConnection,
  ObservedNamespace,
} from '../../../src/core/observed/connection.ts';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import { vaultSecretIndexes } from '../../../src/reconcilers/clusterCache.ts';
import { onClusterConnection, onNamespace } from '../../../src/reconcilers/grantTriggers.ts';
import type { Change } from '../../../src/reconcilers/triggers.ts';
import { keyOf, Store, type Indexes } from '../../../src/runtime/store.ts';
import { aVaultSecret } from '../core/builders.ts';
import { aClusterConnection } from '../core/connections.ts';

function stored<T>(body: T, namespace: string, name: string): Stored<T> {
  return { metadata: { namespace, name, uid: 'uid', resourceVersion: '1' }, body };
}

function storeOf<T>(objects: readonly Stored<T>[], indexes: Indexes<Stored<T>> = {}) {
  const store = new Store(indexes);
  for (const object of objects) store.put(keyOf(object), object);
  return {
    upsert: () => undefined,
    remove: () => undefined,
    onChange: () => undefined,
    get: store.get.bind(store),
    list: store.list.bind(store),
    byIndex: store.byIndex.bind(store),
  };
}

/** Reads this object in its namespace through a ClusterVaultConnection. */
function aBorrower(namespace: string, objectName: string, connection: string): VaultSecret {
  return aVaultSecret({
    namespace,
    spec: {
      vaultUrl: undefined,
      serviceAccountName: undefined,
      vaultConnectionRef: { kind: 'ClusterVaultConnection', name: connection },
      data: [{ dataKey: 'K', secret: { name: objectName } }],
    },
  });
}

const connectionTo = (
  name: string,
  vault: string,
  spec: Partial<ClusterVaultConnectionSpec> = {},
): ClusterVaultConnection => ({
  ...aClusterConnection({ vaultUrl: `https://${vault}.vault.azure.net`, ...spec }),
  name,
});

const platform = connectionTo('platform', 'platform');
const beside = connectionTo('beside', 'platform');
const elsewhere = connectionTo('elsewhere', 'other');
const resources = {
  clusterVaultConnections: storeOf(
    [platform, beside, elsewhere].map((one) => stored(one, '', one.name)),
  ),
  vaultSecrets: storeOf(
    [
      aBorrower('shop', 'SHOP--eu--db', 'platform'),
      aBorrower('pay', 'pay--db', 'beside'),
      aBorrower('web', 'web--eu', 'elsewhere'),
    ].map((one) => stored(one, one.namespace, one.name)),
    vaultSecretIndexes,
  ),
};

const watched = { initial: false, ownWrite: false } as const;
const of = (name: string, labels: Record<string, string> = {}): Stored<ObservedNamespace> =>
  stored({ name, labels }, '', name);
const seen = (triggers: readonly { requestKey: string; urgency: string }[]): string[] =>
  triggers.map(({ requestKey, urgency }) => `${requestKey} ${urgency}`);

test.each(['added', 'deleted'] as const)(
  'a namespace that is %s concerns the VaultSecrets that read what it may own',
  (type) => {
    expect(seen(onNamespace({ type, object: of('shop--eu'), ...watched }, resources))).toEqual([
      'shop/shop change',
    ]);
  },
);

test('a namespace of the first list concerns no VaultSecret: all are looked at then', () => {
  const change = { type: 'added', object: of('shop--eu'), ...watched, initial: true } as const;
  expect(onNamespace(change, resources)).toEqual([]);
});

test('a namespace whose labels change concerns the VaultSecrets in it alone', () => {
  const change = { type: 'updated', previous: of('shop'), ...watched } as const;
  expect(seen(onNamespace({ ...change, object: of('shop', { a: 'b' }) }, resources))).toEqual([
    'shop/shop edit',
  ]);
  expect(onNamespace({ ...change, object: of('shop') }, resources)).toEqual([]);
});

const changeOf = (
  object: ClusterVaultConnection,
  previous: ClusterVaultConnection,
): Change<ClusterVaultConnection> => ({
  type: 'updated',
  object: stored(object, '', object.name),
  previous: stored(previous, '', previous.name),
  ...watched,
});

test('a connection concerns those that refer to it, and those that refer to another of its vault', () => {
  const change = changeOf({ ...platform, generation: 2 }, platform);
  expect(seen(onClusterConnection(change, resources))).toEqual([
    'shop/shop edit',
    'pay/shop change',
  ]);
});

test('a connection that moves to another vault concerns the readers of both', () => {
  const moved = { ...elsewhere, name: 'platform', generation: 2 };
  expect(seen(onClusterConnection(changeOf(moved, platform), resources))).toEqual([
    'shop/shop edit',
    'pay/shop change',
    'web/shop change',
  ]);
});

test('a connection whose status alone changed concerns no VaultSecret', () => {
  expect(onClusterConnection(changeOf(platform, platform), resources)).toEqual([]);
});
