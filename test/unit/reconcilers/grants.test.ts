import { describe, expect, test } from 'vitest';
import { isLent } from '../../../src/core/access/lending.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
  ObservedNamespace,
} from '../../../src/core/observed/connection.ts';
import { createClusterCache } from '../../../src/reconcilers/clusterCache.ts';
import { aClusterConnection } from '../core/connections.ts';

/** What an informer holds, and who hears of changes. */
function informerOf<T extends { readonly name: string }>() {
  const held = new Map<string, T>();
  const handlers: (() => void)[] = [];
  const stored = (body: T) => {
    const { name } = body;
    return { metadata: { namespace: '', name, uid: name, resourceVersion: '1' }, body };
  };
  const announce = (): void => handlers.forEach((handler) => handler());
  return {
    get: (_: string, name: string) => {
      const body = held.get(name);
      return body && stored(body);
    },
    list: () => [...held.values()].map(stored),
    byIndex: () => [],
    upsert: () => undefined,
    remove: () => undefined,
    onChange: (handler: () => void) => void handlers.push(handler),
    put(body: T): void {
      held.set(body.name, body);
      announce();
    },
    drop(name: string): void {
      held.delete(name);
      announce();
    },
  };
}

function openCluster() {
  const clusterVaultConnections = informerOf<ClusterVaultConnection>();
  const namespaces = informerOf<ObservedNamespace>();
  const empty = { ...informerOf<never>(), get: () => undefined, list: () => [] };
  const cache = createClusterCache({
    vaultSecrets: empty,
    secrets: empty,
    serviceAccounts: empty,
    credentials: empty,
    vaultConnections: empty,
    clusterVaultConnections,
    namespaces,
  });
  const granted = (name: string): GrantedConnection | undefined => {
    const connection = cache.clusterVaultConnection(name);
    return connection && cache.granted(connection);
  };
  const isLentBy = (name: string, namespace: string, object: string): boolean => {
    const connection = granted(name);
    return connection !== undefined && isLent(connection, namespace, object);
  };
  return { clusterVaultConnections, namespaces, cache, granted, isLentBy };
}

const forShop = aClusterConnection({ allowedNamespaces: { names: ['shop'] } });
const named = (name: string, ...names: string[]): ClusterVaultConnection => ({
  ...aClusterConnection({ allowedNamespaces: { names } }),
  name,
});

describe('what a namespace may borrow', () => {
  test('ends and begins again with the longer namespace that owns it', () => {
    const { clusterVaultConnections, namespaces, isLentBy } = openCluster();
    clusterVaultConnections.put(forShop);
    expect(isLentBy('platform', 'shop', 'shop--eu--db')).toBe(true);

    namespaces.put({ name: 'shop--eu', labels: {} });
    expect(isLentBy('platform', 'shop', 'shop--eu--db')).toBe(false);

    namespaces.drop('shop--eu');
    expect(isLentBy('platform', 'shop', 'shop--eu--db')).toBe(true);
  });

  test('does not grow when the longer one is taken off the list', () => {
    const { clusterVaultConnections, namespaces, isLentBy } = openCluster();
    namespaces.put({ name: 'shop--eu', labels: {} });
    clusterVaultConnections.put(named('platform', 'shop', 'shop--eu'));
    expect(isLentBy('platform', 'shop--eu', 'shop--eu--db')).toBe(true);

    clusterVaultConnections.put(forShop);
    expect(isLentBy('platform', 'shop--eu', 'shop--eu--db')).toBe(false);
    expect(isLentBy('platform', 'shop', 'shop--eu--db')).toBe(false);
  });

  test('shrinks when another connection to the vault allows the longer one', () => {
    const { clusterVaultConnections, isLentBy } = openCluster();
    clusterVaultConnections.put(forShop);
    clusterVaultConnections.put(named('eu', 'shop--eu'));

    expect(isLentBy('platform', 'shop', 'shop--eu--db')).toBe(false);
    expect(isLentBy('eu', 'shop--eu', 'shop--eu--db')).toBe(true);
  });

  test('is seen with a connection and a namespace that are newer than the watches', () => {
    const { clusterVaultConnections, cache } = openCluster();
    clusterVaultConnections.put(named('eu', 'shop--eu'));

    const live = cache.granted(forShop);
    expect(isLent(live, 'shop', 'shop--eu--db')).toBe(false);
    const withNamespace = cache.granted(forShop, { name: 'shop--us', labels: {} });
    expect(isLent(withNamespace, 'shop', 'shop--us--db')).toBe(false);
    expect(isLent(withNamespace, 'shop', 'shop--db')).toBe(true);
  });
});

test('a grant is worked out once for each state of the cluster', () => {
  const { clusterVaultConnections, namespaces, granted } = openCluster();
  clusterVaultConnections.put(forShop);
  clusterVaultConnections.put(named('eu', 'shop--eu'));
  const before = granted('platform');
  expect(granted('platform')).toBe(before);
  expect(granted('eu')?.claims).toBe(before?.claims);

  namespaces.put({ name: 'new', labels: {} });
  expect(granted('platform')).not.toBe(before);
});
