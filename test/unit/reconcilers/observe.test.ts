import { azureClouds } from '../../../src/api/cloud.ts';
import { describe, expect, test } from 'vitest';
import { observe } from '../../../src/reconcilers/observe.ts';
import { createMemories } from '../../../src/reconcilers/memories.ts';
import { forbiddenSecretTypes } from '../../../src/api/forbidden.ts';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import {
  aManager,
  aMemory,
  anObservedSecret,
  aServiceAccount,
  aVaultSecret,
  now,
} from '../core/builders.ts';
import { granted } from '../core/connections.ts';
import type { ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import { targetName } from '../../../src/core/observed/target.ts';
import { noConnections } from './noConnections.ts';
import { createManualClock } from '../../support/manualClock.ts';

interface Given {
  readonly vaultSecret?: VaultSecret;
  readonly watched?: readonly ObservedSecret[];
  readonly unwatched?: ObservedSecret;
  readonly lookLive?: boolean;
  readonly hasType?: boolean;
  /** By default as its watch has told. */
  readonly live?: VaultSecret | 'gone';
  /** By default its watch has told of the ServiceAccount. */
  readonly serviceAccount?: 'unwatched' | 'absent';
  /** Of the same namespace. */
  readonly others?: readonly VaultSecret[];
}

async function look(given: Given) {
  const { vaultSecret = aVaultSecret(), watched = [], unwatched, lookLive, others = [] } = given;
  const { hasType = true } = given;
  const all = [vaultSecret, ...others];
  const asked: string[] = [];
  const memories = createMemories();
  if (lookLive === true) memories.keep(vaultSecret, aMemory({ lookLive }));
  const observed = await observe(
    {
      clock: createManualClock(now),
      memories,
      defaultTenantId: undefined,
      homeCloud: azureClouds.AzurePublic,
      controllerIdentity: undefined,
      cache: {
        vaultSecret: ({ name }) => all.find((one) => one.name === name),
        connection: () => undefined,
        granted: (connection) => granted(connection),
        serviceAccount: ({ name }) =>
          name === 'shop' && given.serviceAccount === undefined ? aServiceAccount() : undefined,
        credential: () => undefined,
        secret: ({ name }) => watched.find((secret) => secret.name === name),
        secretsOf: () => watched,
        wanting: ({ name }) => all.filter((one) => targetName(one) === name),
      },
      connections: noConnections,
      credentials: { find: async () => undefined },
      vaultSecrets: {
        async get({ namespace, name }) {
          asked.push(`VaultSecret ${namespace}/${name}`);
          return given.live === 'gone' ? undefined : (given.live ?? vaultSecret);
        },
      },
      serviceAccounts: {
        async get({ namespace, name }) {
          asked.push(`ServiceAccount ${namespace}/${name}`);
          return given.serviceAccount === 'unwatched' ? aServiceAccount() : undefined;
        },
      },
      secrets: {
        async get({ namespace, name }) {
          asked.push(`${namespace}/${name}`);
          return unwatched && { metadata: unwatched, body: unwatched };
        },
        async hasType(secret, demand) {
          const type = 'is' in demand ? demand.is : `none of ${demand.isNoneOf.join()}`;
          asked.push(`${secret.namespace}/${secret.name} of type ${type}`);
          return hasType;
        },
      },
    },
    { namespace: 'shop', name: 'shop' },
  );
  return { observed, asked };
}

const synced = aVaultSecret({ status: { secretName: 'shop' } });

const ours = anObservedSecret({ owner: 'shop/shop' });

describe('the target', () => {
  test('comes from the watch, without a request', async () => {
    const { observed, asked } = await look({ vaultSecret: synced, watched: [ours] });

    expect(observed?.target).toEqual(ours);
    expect(asked).toEqual([]);
  });

  test('is not asked for where none was ever written', async () => {
    const { observed, asked } = await look({ unwatched: ours });

    expect(observed?.target).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test.each<readonly [string, Given]>([
    ['it was written and the watch has lost it', { vaultSecret: synced }],
    ['it was seen outside the watch', { lookLive: true }],
  ])('is asked for by name when %s', async (_, given) => {
    const { observed, asked } = await look({ ...given, unwatched: ours });

    expect(observed?.target).toEqual(ours);
    expect(asked).toEqual(['shop/shop']);
  });

  test('may be gone', async () => {
    expect((await look({ vaultSecret: synced })).observed?.target).toBeUndefined();
  });
});

describe('a Secret of ours whose owner reference is gone', () => {
  const entry = aManager({ name: fieldManagerOf('uid-1'), operation: 'Apply' });
  const orphaned = anObservedSecret({ owner: 'shop/shop', managed: true, managers: [entry] });

  test.each<readonly [string, VaultSecret | 'gone']>([
    ['goes without it', aVaultSecret({ terminating: true })],
    ['is gone', 'gone'],
    ['was made anew', aVaultSecret({ uid: 'uid-2' })],
  ])('is let go when its VaultSecret, as its watch has not told yet, %s', async (_, live) => {
    expect((await look({ watched: [orphaned], live })).observed).toBeUndefined();
  });

  test('is to be repaired while its VaultSecret lives, of which the API server is asked', async () => {
    const { observed, asked } = await look({ watched: [orphaned] });

    expect(observed?.target).toEqual(orphaned);
    expect(asked).toEqual(['VaultSecret shop/shop']);
  });

  test.each<readonly [string, Given]>([
    ['it has one', { watched: [{ ...orphaned, ownerUids: ['uid-1'] }] }],
    [
      'it is to stay',
      {
        watched: [orphaned],
        vaultSecret: aVaultSecret({ spec: { target: { creationPolicy: 'Orphan' } } }),
      },
    ],
  ])('is not asked about when %s', async (_, given) => {
    expect((await look(given)).asked).toEqual([]);
  });
});

describe('the ServiceAccount', () => {
  test.each([
    [undefined, aServiceAccount(), []],
    ['unwatched', aServiceAccount(), ['ServiceAccount shop/shop']],
    ['absent', undefined, ['ServiceAccount shop/shop']],
  ] as const)(
    'is asked for before it is said to be missing: %s',
    async (given, found, requests) => {
      const serviceAccount = given === undefined ? {} : { serviceAccount: given };
      const { observed, asked } = await look(serviceAccount);

      expect(observed?.serviceAccount).toEqual(found);
      expect(asked).toEqual(requests);
    },
  );
});

test('Secrets under former names are those of ours with another name, unless they are going', async () => {
  const former = anObservedSecret({ name: 'old' });
  const watched = [
    anObservedSecret(),
    former,
    anObservedSecret({ name: 'older', terminating: true }),
  ];

  expect((await look({ watched })).observed?.formerTargets).toEqual([former]);
});

describe('the type', () => {
  const adopting = aVaultSecret({ spec: { target: { creationPolicy: 'Adopt', type: 'a/b' } } });
  const labelled = anObservedSecret({ managed: true });

  test.each([true, false])(
    'of a Secret to adopt is asked for, and may be another: %s',
    async (hasType) => {
      const { observed, asked } = await look({
        vaultSecret: adopting,
        watched: [labelled],
        hasType,
      });

      expect(asked).toEqual(['shop/shop of type a/b']);
      expect(observed?.hasWrongType).toBe(!hasType);
    },
  );

  test.each<readonly [string, Given]>([
    ['to adopt, which is not labelled,', { vaultSecret: adopting, watched: [anObservedSecret()] }],
    ['of others, with another policy,', { watched: [labelled] }],
  ])('of a Secret %s is asked for, lest it is a credential', async (_, given) => {
    const { observed, asked } = await look({ ...given, hasType: false });

    expect(asked).toEqual([`shop/shop of type none of ${forbiddenSecretTypes.join()}`]);
    expect(observed?.hasWrongType).toBe(true);
  });

  test.each<readonly [string, Given]>([
    ['that is ours', { vaultSecret: adopting, watched: [{ ...labelled, owner: 'shop/shop' }] }],
    ['of ours, with another policy', { watched: [ours] }],
    ['that is not there', { vaultSecret: adopting }],
  ])('of a Secret %s is not asked for', async (_, given) => {
    const { observed, asked } = await look({ ...given, hasType: false });

    expect(asked).toEqual([]);
    expect(observed?.hasWrongType).toBe(false);
  });
});

describe('rivals', () => {
  const wanting = aVaultSecret({ name: 'b', uid: 'uid-b', spec: { target: { name: 'shop' } } });
  const elsewhere = aVaultSecret({ name: 'c', uid: 'uid-c' });
  const rivalsOf = async (owner: string) => {
    const watched = [anObservedSecret({ owner })];
    return (await look({ watched, others: [wanting, elsewhere] })).observed?.rivals;
  };

  test.each<readonly [string, string, readonly VaultSecret[]]>([
    ['that want the same Secret', 'shop/shop', [wanting]],
    ['whose name the Secret bears', 'shop/c', [wanting, elsewhere]],
    ['of both kinds, once', 'shop/b', [wanting]],
    ['of no other namespace', 'other/c', [wanting]],
  ])('are those %s', async (_, owner, expected) => {
    expect(await rivalsOf(owner)).toEqual(expected);
  });
});

test('the ServiceAccount is the one that the spec names', async () => {
  const vaultSecret = aVaultSecret({ spec: { serviceAccountName: 'other' } });

  expect((await look({})).observed?.serviceAccount).toEqual(aServiceAccount());
  expect((await look({ vaultSecret })).observed?.serviceAccount).toBeUndefined();
});

test('a VaultSecret that is going has nothing to keep true', async () => {
  const vaultSecret = aVaultSecret({ terminating: true });

  expect((await look({ vaultSecret })).observed).toBeUndefined();
});
