import { beforeEach, describe, expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import type { KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { PagedSecretReader } from '../../../src/keyvault/client.ts';
import { readDetails } from '../../../src/keyvault/errors.ts';
import { withVaultBudgets } from '../../../src/keyvault/throttle.ts';
import type { ReadRequest, SecretReader } from '../../../src/ports/azure.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { aRead, countingMetrics } from './fakeVault.ts';

let clock: ManualClock;
let sent: ReadRequest[];
/** What the vault says; undefined: the secret. */
let failure: ReconcileError | undefined;
let chance: number;

const secret: KeyVaultSecret = { name: 'a', version: 'v', value: redact('x') };
const version = (id: number) => ({ version: `v${id}`, enabled: true, created: id });
const inner: PagedSecretReader = {
  async read(request) {
    sent.push(request);
    if (failure !== undefined) throw failure;
    return secret;
  },
  async deletion(request) {
    sent.push(request);
    return {};
  },
  async *versionPages(request) {
    for (const page of [[version(1)], [], [version(2)]]) {
      sent.push(request);
      if (failure !== undefined) throw failure;
      yield page;
    }
  },
};

beforeEach(() => {
  clock = createManualClock(0);
  sent = [];
  failure = undefined;
  chance = 0;
});

function aReader(metrics = countingMetrics().metrics): SecretReader {
  return withVaultBudgets(inner, { clock, random: () => chance, metrics });
}

function throttled(retryAfterMs?: number): ReconcileError {
  return new ReconcileError('KeyVaultThrottled', { details: readDetails(aRead()), retryAfterMs });
}

const read = (reader: SecretReader, host = 'shop-prod') =>
  reader.read(aRead({ vaultUrl: `https://${host}.vault.azure.net` }));

async function delayOf(reading: Promise<unknown>): Promise<number | undefined> {
  const thrown = await reading.catch((error: unknown) => error);
  expect(thrown).toMatchObject({ reason: 'KeyVaultThrottled', details: readDetails(aRead()) });
  return thrown instanceof ReconcileError ? thrown.retryAfterMs : undefined;
}

describe('reads of one vault', () => {
  test('wait for their turn, and say how long', async () => {
    const { metrics, counts } = countingMetrics();
    const reader = aReader(metrics);
    const reads = Array.from({ length: 201 }, async () => read(reader));
    await clock.settle();
    expect(sent).toHaveLength(200);
    await clock.advance(3);
    expect(await Promise.all(reads)).toHaveLength(201);
    expect(counts).toEqual([`shop-prod.vault.azure.net waited ${1 / 360}`]);
  });

  test('leave the budget of another vault alone', async () => {
    const reader = aReader();
    const reads = Array.from({ length: 300 }, async () => read(reader));
    await clock.settle();
    expect(await read(reader, 'other')).toBe(secret);
    await clock.advance(1_000);
    await Promise.all(reads);
  });

  test('hand on whatever else fails, and slow nothing down for it', async () => {
    const reader = aReader();
    failure = new ReconcileError('KeyVaultFailed', {
      details: { ...readDetails(aRead()), status: 500 },
    });
    await expect(read(reader)).rejects.toBe(failure);
    failure = undefined;
    expect(await read(reader)).toBe(secret);
  });
});

describe('a listing', () => {
  test('waits for its turn with each page', async () => {
    const reader = aReader();
    await Promise.all(Array.from({ length: 199 }, async () => read(reader)));
    const listing = reader.listVersions(aRead());
    await clock.settle();
    expect(sent).toHaveLength(200);
    await clock.advance(100);
    expect(await listing).toEqual([version(1), version(2)]);
    expect(sent).toHaveLength(202);
  });

  test('that the vault throttles slows down whatever else goes there', async () => {
    const reader = aReader();
    failure = throttled(5_000);
    expect(await delayOf(reader.listVersions(aRead()))).toBeGreaterThan(5_000);
    expect(await delayOf(read(reader))).toBeGreaterThan(5_000);
    expect(sent).toHaveLength(1);
  });
});

describe('once a vault has throttled', () => {
  test('reads are sent away without asking it, each for another time', async () => {
    const reader = aReader();
    failure = throttled(5_000);
    const first = await delayOf(read(reader));
    const second = await delayOf(read(reader));
    expect(first).toBeGreaterThan(5_000);
    expect(second).toBeGreaterThan(first ?? Infinity);
    expect(sent).toHaveLength(1);
  });

  test('without a Retry-After the pause is our own', async () => {
    failure = throttled();
    const delay = await delayOf(read(aReader()));
    expect(delay).toBeGreaterThan(1_000);
    expect(delay).toBeLessThan(1_100);
  });

  test('chance adds up to a quarter', async () => {
    failure = throttled(8_000);
    const least = (await delayOf(read(aReader()))) ?? 0;
    chance = 0.999;
    expect((await delayOf(read(aReader()))) ?? 0).toBeCloseTo(least * 1.24975);
  });

  test('reads that were waiting for their turn are sent away too', async () => {
    const reader = aReader();
    await Promise.all(Array.from({ length: 200 }, async () => read(reader)));
    failure = throttled(5_000);
    const [next, second] = [delayOf(read(reader)), delayOf(read(reader))];
    await clock.settle();
    await clock.advance(10);
    expect(await next).toBeGreaterThan(5_000);
    expect(await second).toBeGreaterThan(4_990);
    expect(sent).toHaveLength(201);
  });

  test('the vault is asked again after the pause', async () => {
    const reader = aReader();
    failure = throttled(2_000);
    await delayOf(read(reader));
    failure = undefined;
    await clock.advance(2_000);
    expect(await read(reader)).toBe(secret);
  });
});
