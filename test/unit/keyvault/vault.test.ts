import { beforeEach, describe, expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { readDetails } from '../../../src/keyvault/errors.ts';
import type { Vault } from '../../../src/keyvault/vault.ts';
import { createVaults } from '../../../src/keyvault/vaults.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { aRead, countingMetrics } from './fakeVault.ts';

const host = 'shop-prod.vault.azure.net';
let clock: ManualClock;
let chance: number;
let counts: string[];
let vault: Vault;

beforeEach(() => {
  clock = createManualClock(0);
  chance = 0;
  const counting = countingMetrics();
  counts = counting.counts;
  vault = createVaults({ clock, random: () => chance, metrics: counting.metrics }).of(host);
});

function throttled(retryAfterMs?: number): ReconcileError {
  return new ReconcileError('KeyVaultThrottled', { details: readDetails(aRead()), retryAfterMs });
}

const send = async (signal?: AbortSignal) => vault.run(aRead({ signal }), async () => 'answer');

/** Answers so many requests a second, as a vault whose other clients use the rest; after that 429. */
function residual(perSecond: number, burst = perSecond) {
  let left = burst;
  let countedAt = 0;
  const sent: number[] = [];
  return {
    sent,
    answer: async () => {
      const now = clock.elapsed();
      left = Math.min(burst, left + ((now - countedAt) / 1000) * perSecond);
      countedAt = now;
      sent.push(now);
      if (left < 1) throw throttled();
      left -= 1;
      return 'answer';
    },
  };
}

async function delayOf(asking: Promise<unknown>): Promise<number | undefined> {
  const thrown = await asking.catch((error: unknown) => error);
  expect(thrown).toMatchObject({ reason: 'KeyVaultThrottled', details: readDetails(aRead()) });
  return thrown instanceof ReconcileError ? thrown.retryAfterMs : undefined;
}

describe('requests to one vault', () => {
  test('wait for their turn, and say how long', async () => {
    const sends = Array.from({ length: 201 }, async () => send());
    await clock.advance(2);
    expect(counts).toEqual([]);
    await clock.advance(1);
    expect(await Promise.all(sends)).toHaveLength(201);
    expect(counts).toEqual([`${host} waited 0.003`]);
    expect(clock.pending).toBe(0);
  });

  test('go in the order in which they were asked for', async () => {
    const order: number[] = [];
    const sends = Array.from({ length: 210 }, async (_, index) =>
      vault.run(aRead(), async () => order.push(index)),
    );
    await clock.advance(1_000);
    await Promise.all(sends);
    expect(order).toEqual(order.toSorted((left, right) => left - right));
  });

  test('leave the line when they are aborted', async () => {
    await Promise.all(Array.from({ length: 200 }, async () => send()));
    const stop = new AbortController();
    const waiting = send(stop.signal);
    const next = send();
    stop.abort(new Error('The controller stops'));
    await expect(waiting).rejects.toThrow('The controller stops');
    await clock.advance(3);
    expect(await next).toBe('answer');
  });

  test('hand on whatever else fails, and slow nothing down for it', async () => {
    const failure = new ReconcileError('KeyVaultFailed', {
      details: { ...readDetails(aRead()), status: 500 },
    });
    await expect(vault.run(aRead(), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(vault.waitMs()).toBe(0);
  });
});

describe('a VaultSecret of many objects on a vault that throttles', () => {
  test.each([
    { objects: 50, perSecond: 30, burst: 30, withinMs: 2_500 },
    { objects: 50, perSecond: 30, burst: 1, withinMs: 4_000 },
    { objects: 256, perSecond: 20, burst: 20, withinMs: 30_000 },
  ])('gets all $objects of them at $perSecond a second, $burst at once', async (given) => {
    const { objects, perSecond, burst, withinMs } = given;
    const { answer, sent } = residual(perSecond, burst);
    const reads = Array.from({ length: objects }, async () => vault.run(aRead(), answer));
    await clock.advance(withinMs);
    expect(await Promise.all(reads)).toHaveLength(objects);
    expect(sent.length).toBeLessThan(objects * 3);
  });

  test.each([0.25, 0.5, 1, 2])(
    'has an answer to each within a few minutes, also where the vault leaves it %f a second',
    async (perSecond) => {
      const { answer } = residual(perSecond);
      const reads = Array.from({ length: 455 }, async () => vault.run(aRead(), answer));
      const ended = Promise.allSettled(reads).then(() => clock.elapsed());
      await clock.advance(1_000_000);
      expect(await ended).toBeLessThan(135_000);
    },
  );

  test('learns at once that the vault answers nothing but 429', async () => {
    const asking = delayOf(vault.run(aRead(), () => Promise.reject(throttled())));
    await clock.settle();
    expect(await asking).toBeGreaterThan(999);
  });

  test('gives up when the vault answers nothing else any more', async () => {
    const asking = delayOf(vault.run(aRead(), () => Promise.reject(throttled())));
    const reads = [send(), delayOf(vault.run(aRead(), () => Promise.reject(throttled())))];
    await clock.advance(20_000);
    expect(await reads[1]).toBeGreaterThan(1_000);
    await asking;
  });
});

describe('a vault that asks for a long pause', () => {
  test('sends away at once what it answered, what waits, and what comes', async () => {
    await Promise.all(Array.from({ length: 200 }, async () => send()));
    const first = delayOf(vault.run(aRead(), () => Promise.reject(throttled(30_000))));
    const waits = delayOf(send());
    await clock.advance(3);
    const comes = delayOf(send());
    for (const delay of [await first, await waits, await comes]) {
      expect(delay).toBeGreaterThan(29_900);
      expect(delay).toBeLessThan(30_100);
    }
    expect(vault.waitMs()).toBe(0);
    await clock.advance(30_010);
    expect(await send()).toBe('answer');
  });

  test('sees each again at another time: chance adds up to a quarter', async () => {
    chance = 0.999;
    const delay = await delayOf(vault.run(aRead(), () => Promise.reject(throttled(20_000))));
    expect(delay).toBeCloseTo(20_000 * 1.24975);
  });

  test('is asked again after the pause, also when the wall clock was set back', async () => {
    await delayOf(vault.run(aRead(), () => Promise.reject(throttled(20_000))));
    clock.step(-3_600_000);
    await clock.advance(20_000);
    expect(await send()).toBe('answer');
  });
});

test('a request that cannot be sent again fails with its first 429', async () => {
  let sent = 0;
  const once = vault.once(aRead(), async () => {
    sent += 1;
    throw throttled();
  });
  expect(await delayOf(once)).toBeGreaterThan(1_000 - 1);
  expect(sent).toBe(1);
});

test('vaults that nobody asks are forgotten once there are a thousand, those in use are not', async () => {
  const { metrics } = countingMetrics();
  const vaults = createVaults({ clock, random: () => 0, metrics });
  const used = vaults.of('used.vault.azure.net');
  const pending = used.run(aRead(), () => new Promise(() => undefined));
  const idle = vaults.of('idle.vault.azure.net');
  for (let i = 0; i < 1_100; i += 1) vaults.of(`v${i}.vault.azure.net`);
  expect(vaults.of('used.vault.azure.net')).toBe(used);
  expect(vaults.of('idle.vault.azure.net')).not.toBe(idle);
  expect(pending).toBeInstanceOf(Promise);
});
