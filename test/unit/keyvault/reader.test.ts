import { expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import type { KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { PagedSecretReader } from '../../../src/keyvault/client.ts';
import { readDetails } from '../../../src/keyvault/errors.ts';
import { throughVaults } from '../../../src/keyvault/reader.ts';
import { createVaults } from '../../../src/keyvault/vaults.ts';
import type { ReadRequest } from '../../../src/ports/azure.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { anIdentity, aRead, countingMetrics } from './fakeVault.ts';

const secret: KeyVaultSecret = { name: 'a', version: 'v', value: redact('x') };
const version = (id: number) => ({ version: `v${id}`, enabled: true, created: id });

/** Each read ends when the test says so; a listing has three pages. */
function setUp(page: () => void = () => undefined) {
  const clock = createManualClock(0);
  const ends: PromiseWithResolvers<KeyVaultSecret>[] = [];
  let pages = 0;
  const inner: PagedSecretReader = {
    read() {
      const end = Promise.withResolvers<KeyVaultSecret>();
      ends.push(end);
      return end.promise;
    },
    async *versionPages() {
      for (const versions of [[version(1)], [], [version(2)]]) {
        pages += 1;
        page();
        yield versions;
      }
    },
    deletion: async () => ({}),
  };
  const vaults = createVaults({ clock, random: () => 0, metrics: countingMetrics().metrics });
  return { clock, ends, vaults, reader: throughVaults(inner, vaults), pages: () => pages };
}

test('equal reads that are under way together are one', async () => {
  const { clock, reader, ends } = setUp();
  const url = { vaultUrl: 'https://shop-prod.vault.azure.net/' };
  const reads = [reader.read(aRead()), reader.read(aRead(url))];
  await clock.settle();
  expect(ends).toHaveLength(1);
  ends[0]?.resolve(secret);
  expect(await Promise.all(reads)).toEqual([secret, secret]);
});

test('who joins a slow read gets its answer when it lands, and costs nothing', async () => {
  const { clock, reader, ends } = setUp();
  const reads = Array.from({ length: 300 }, async () => reader.read(aRead()));
  await clock.advance(14_000);
  expect(ends).toHaveLength(1);
  ends[0]?.resolve(secret);
  expect(await Promise.all(reads)).toHaveLength(300);
});

test('a read that begins after the other ended is one of its own, also when that failed', async () => {
  const { clock, reader, ends } = setUp();
  const failing = [reader.read(aRead()), reader.read(aRead())];
  await clock.settle();
  ends[0]?.reject(new Error('no'));
  for (const one of failing) await expect(one).rejects.toThrow('no');
  const next = reader.read(aRead());
  await clock.settle();
  expect(ends).toHaveLength(2);
  ends[1]?.resolve(secret);
  expect(await next).toBe(secret);
});

const others: Readonly<Record<string, Partial<ReadRequest>>> = {
  vault: { vaultUrl: 'https://other.vault.azure.net' },
  object: { ref: { name: 'other' } },
  version: { ref: { name: 'db-password', version: 'v1' } },
  namespace: { identity: anIdentity({ namespace: 'other' }) },
  ServiceAccount: { identity: anIdentity({ serviceAccountUid: 'other' }) },
  client: { identity: anIdentity({ clientId: 'other' }) },
  tenant: { identity: anIdentity({ tenantId: 'other' }) },
};

test.each(Object.entries(others))(
  'reads that differ in their %s are never one',
  async (_what, change) => {
    const { clock, reader, ends } = setUp();
    const reads = [reader.read(aRead()), reader.read(aRead(change))];
    await clock.settle();
    expect(ends).toHaveLength(2);
    for (const end of ends) end.resolve(secret);
    await Promise.all(reads);
  },
);

test('a listing waits for its turn with each page', async () => {
  const { clock, reader, vaults, pages } = setUp();
  const vault = vaults.of('shop-prod.vault.azure.net');
  for (let i = 0; i < 199; i += 1) await vault.run(aRead(), async () => 'answer');
  const listing = reader.listVersions(aRead());
  await clock.settle();
  expect(pages()).toBe(1);
  await clock.advance(100);
  expect(await listing).toEqual([version(1), version(2)]);
});

test('a listing that is throttled half-way fails: part of it is no answer', async () => {
  let page = 0;
  const { reader } = setUp(() => {
    page += 1;
    if (page === 2)
      throw new ReconcileError('KeyVaultThrottled', { details: readDetails(aRead()) });
  });
  await expect(reader.listVersions(aRead())).rejects.toMatchObject({ reason: 'KeyVaultThrottled' });
});
