import { describe, expect, test } from 'vitest';
import type { VaultConnectionRef, VaultSecretStatus } from '../../../src/api/vaultSecret.ts';
import type {
  ClusterVaultConnection,
  ObservedNamespace,
  VaultConnection,
} from '../../../src/core/observed/connection.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import { createClusterCache } from '../../../src/reconcilers/clusterCache.ts';
import { observeConnection } from '../../../src/reconcilers/observeConnection.ts';
import { aClusterConnection, aConnection } from '../core/connections.ts';
import { aVaultSecret } from '../core/builders.ts';

/** By name. */
interface Objects {
  readonly connections?: readonly VaultConnection[];
  readonly clusterConnections?: readonly ClusterVaultConnection[];
  readonly namespaces?: readonly ObservedNamespace[];
}

const informer = <T extends { readonly name: string; readonly namespace?: string }>(
  bodies: readonly T[] = [],
) => {
  const all = bodies.map((body): Stored<T> => {
    const { name, namespace = '' } = body;
    return { metadata: { name, namespace, uid: 'uid', resourceVersion: '1' }, body };
  });
  return {
    get: (namespace: string, name: string) =>
      all.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    list: () => all,
    byIndex: () => [],
    upsert: () => undefined,
    remove: () => undefined,
    onChange: () => undefined,
  };
};

interface Given {
  readonly ref: VaultConnectionRef;
  readonly status?: VaultSecretStatus;
  readonly generation?: number;
  readonly watched?: Objects;
  readonly live?: Objects;
}

async function look({ ref, status = {}, generation = 1, watched = {}, live = {} }: Given) {
  const asked: string[] = [];
  const cache = createClusterCache({
    vaultSecrets: informer(),
    secrets: informer(),
    serviceAccounts: { ...informer(), get: () => undefined, list: () => [] },
    credentials: { ...informer(), get: () => undefined, list: () => [] },
    vaultConnections: informer(watched.connections),
    clusterVaultConnections: informer(watched.clusterConnections),
    namespaces: informer(watched.namespaces),
  });
  const connections = {
    async vaultConnection({ namespace, name }: { namespace: string; name: string }) {
      asked.push(`${namespace}/${name}`);
      return informer(live.connections).get(namespace, name)?.body;
    },
    async clusterVaultConnection(name: string) {
      asked.push(name);
      return informer(live.clusterConnections).get('', name)?.body;
    },
    async namespace(name: string) {
      asked.push(`namespace ${name}`);
      return informer(live.namespaces).get('', name)?.body;
    },
  };
  const spec = { vaultUrl: undefined, vaultConnectionRef: ref };
  const vaultSecret = aVaultSecret({ spec, status, generation });
  return { found: await observeConnection({ cache, connections }, vaultSecret), asked };
}

const ref = { kind: 'VaultConnection', name: 'team' } as const;
const clusterRef = { kind: 'ClusterVaultConnection', name: 'platform' } as const;
const labels = { team: 'shop' };
const byLabel = aClusterConnection({ allowedNamespaces: { selector: { matchLabels: labels } } });
const closed = aClusterConnection({ allowedNamespaces: { names: ['pay'] } });
const shop: ObservedNamespace = { name: 'shop', labels };
const unlabelled: ObservedNamespace = { name: 'shop', labels: {} };
const elsewhere: ObservedNamespace = { name: 'shop-eu', labels };

const missed = (reason: string): VaultSecretStatus => ({
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason,
      message: '',
      lastTransitionTime: '2026-11-25T11:00:00Z',
      observedGeneration: 1,
    },
  ],
});

describe('a connection that its watch has told of', () => {
  test.each<readonly [string, Given]>([
    ['of the namespace', { ref, watched: { connections: [aConnection()] } }],
    [
      'of the cluster',
      { ref: clusterRef, watched: { clusterConnections: [aClusterConnection()] } },
    ],
    [
      'of the cluster, by label',
      { ref: clusterRef, watched: { clusterConnections: [byLabel], namespaces: [shop] } },
    ],
  ])('is not asked for: %s', async (_, given) => {
    const { found, asked } = await look(given);

    expect(found?.name).toBe(given.ref.name);
    expect(asked).toEqual([]);
  });
});

describe('a connection that its watch has not told of yet', () => {
  test('is found in the namespace', async () => {
    const { found, asked } = await look({ ref, live: { connections: [aConnection()] } });

    expect(found).toEqual(aConnection());
    expect(asked).toEqual(['shop/team']);
  });

  test('is found in the cluster, with its grant', async () => {
    const live = { clusterConnections: [aClusterConnection()] };
    const { found, asked } = await look({ ref: clusterRef, live });

    expect(found).toMatchObject({ ...aClusterConnection(), allowed: ['shop', 'pay'] });
    expect(asked).toEqual(['platform']);
  });

  test('is found as it was widened to the namespace', async () => {
    const watched = { clusterConnections: [closed] };
    const live = { clusterConnections: [aClusterConnection()] };

    const { found } = await look({ ref: clusterRef, watched, live });
    expect(found).toMatchObject({ allowed: ['shop', 'pay'] });
  });

  test.each([
    ['is new', [elsewhere]],
    ['was not labelled', [elsewhere, unlabelled]],
  ])('is found when the namespace that its selector wants %s to our watch', async (_, known) => {
    const watched = { clusterConnections: [byLabel], namespaces: known };
    const live = { clusterConnections: [byLabel], namespaces: [shop] };
    const { found, asked } = await look({ ref: clusterRef, watched, live });

    // The others count too: what fits the longer name of one of them is not to be read by this one.
    expect(found).toMatchObject({ allowed: ['shop-eu', 'shop'] });
    expect(asked).toEqual(['platform', 'namespace shop']);
  });
});

describe('a connection that is not to be had', () => {
  test.each<readonly [string, Given, readonly string[]]>([
    ['is not there', { ref }, ['shop/team']],
    ['of the cluster is not there', { ref: clusterRef }, ['platform']],
    [
      'does not name the namespace',
      { ref: clusterRef, live: { clusterConnections: [closed] } },
      ['platform'],
    ],
    [
      'wants another label',
      { ref: clusterRef, live: { clusterConnections: [byLabel], namespaces: [unlabelled] } },
      ['platform', 'namespace shop'],
    ],
  ])('%s, which is asked before it is said', async (_, given, requests) => {
    const { found, asked } = await look(given);

    expect(found === undefined || !('allowed' in found && found.allowed.includes('shop'))).toBe(
      true,
    );
    expect(asked).toEqual(requests);
  });

  test.each([
    [ref, 'VaultConnectionNotFound'],
    [clusterRef, 'ClusterVaultConnectionNotAvailable'],
  ])('is not asked for again once the status says so: %o', async (named, reason) => {
    const { found, asked } = await look({ ref: named, status: missed(reason) });

    expect(found).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('is asked for again after an edit of the VaultSecret', async () => {
    const status = missed('VaultConnectionNotFound');

    expect((await look({ ref, status, generation: 2 })).asked).toEqual(['shop/team']);
    expect((await look({ ref: clusterRef, status })).asked).toEqual(['platform']);
  });

  test('of another kind is none of its', async () => {
    const live = { connections: [aConnection({})], clusterConnections: [aClusterConnection()] };

    expect((await look({ ref: { ...ref, name: 'platform' }, live })).found).toBeUndefined();
  });
});
