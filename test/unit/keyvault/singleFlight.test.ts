import { expect, test } from 'vitest';
import type { KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { PagedSecretReader } from '../../../src/keyvault/client.ts';
import { withSingleFlight } from '../../../src/keyvault/singleFlight.ts';
import type { ReadRequest } from '../../../src/ports/azure.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { anIdentity, aRead, failureOf } from './fakeVault.ts';

/** Each read ends when the test says so. */
function aSlowReader(clock = createManualClock(0)) {
  const ends: PromiseWithResolvers<KeyVaultSecret>[] = [];
  const reader: PagedSecretReader = {
    read() {
      const end = Promise.withResolvers<KeyVaultSecret>();
      ends.push(end);
      return end.promise;
    },
    async *versionPages() {
      yield [];
    },
    deletion: async () => ({}),
  };
  return { reader: withSingleFlight(reader, clock), ends };
}

const secret: KeyVaultSecret = { name: 'a', version: 'v', value: redact('x') };

test('equal reads that are under way together are one', async () => {
  const { reader, ends } = aSlowReader();
  const url = { vaultUrl: 'https://shop-prod.vault.azure.net/' };
  const reads = [reader.read(aRead()), reader.read(aRead(url))];
  expect(ends).toHaveLength(1);
  ends[0]?.resolve(secret);
  expect(await Promise.all(reads)).toEqual([secret, secret]);
});

test('a read that begins after the other ended is one of its own, also when that failed', async () => {
  const { reader, ends } = aSlowReader();
  const failing = [reader.read(aRead()), reader.read(aRead())];
  ends[0]?.reject(new Error('no'));
  for (const one of failing) await expect(one).rejects.toThrow('no');
  const next = reader.read(aRead());
  expect(ends).toHaveLength(2);
  ends[1]?.resolve(secret);
  expect(await next).toBe(secret);
});

test('a read that hangs holds those who joined it no longer than two seconds, and later ones not at all', async () => {
  const clock = createManualClock(0);
  const { reader, ends } = aSlowReader(clock);
  const unreachable = { reason: 'AnswerTimedOut', details: { cause: 'NOT_ANSWERING' } };
  const [first, joined] = [reader.read(aRead()), failureOf(reader.read(aRead()))];
  await clock.advance(2_000);
  expect(await joined).toMatchObject(unreachable);
  const late = failureOf(reader.read(aRead()));
  await clock.advance(0);
  expect(await late).toMatchObject(unreachable);
  expect(ends).toHaveLength(1);
  ends[0]?.resolve(secret);
  expect(await first).toBe(secret);
  expect(clock.pending).toBe(0);
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
    const { reader, ends } = aSlowReader();
    const reads = [reader.read(aRead()), reader.read(aRead(change))];
    expect(ends).toHaveLength(2);
    for (const end of ends) end.resolve(secret);
    await Promise.all(reads);
  },
);
