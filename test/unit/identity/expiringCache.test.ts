import { beforeEach, describe, expect, test } from 'vitest';
import { createExpiringCache, type ExpiringCache } from '../../../src/identity/expiringCache.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';

interface Value {
  readonly name: string;
  readonly expiresAt: number;
}

const hour = 3_600_000;
let clock: ManualClock;
let cache: ExpiringCache<Value>;
let loads: number;

beforeEach(() => {
  clock = createManualClock(0);
  cache = createExpiringCache<Value>(clock, { holdMsOf: () => 5_000 });
  loads = 0;
});

/** Values v1, v2… that live for an hour. */
async function load(): Promise<Value> {
  loads += 1;
  return { name: `v${loads}`, expiresAt: clock.now() + hour };
}

async function fail(): Promise<Value> {
  loads += 1;
  throw new Error(`failure ${loads}`);
}

const nameAt = async (key = 'a', refused?: Value): Promise<string> =>
  (await cache.get(key, load, { refused })).name;

describe('a value', () => {
  test('is loaded once by all who ask together, and then kept', async () => {
    expect(await Promise.all([nameAt(), nameAt(), nameAt()])).toEqual(['v1', 'v1', 'v1']);
    expect(await nameAt()).toBe('v1');
    expect(await nameAt('b')).toBe('v2');
  });

  test('serves on while it is renewed from 80 % of its life on', async () => {
    await nameAt();
    await clock.advance(0.8 * hour - 1);
    expect(await nameAt()).toBe('v1');
    expect(loads).toBe(1);
    await clock.advance(1);
    expect(await nameAt()).toBe('v1');
    await clock.settle();
    expect(await nameAt()).toBe('v2');
    expect(loads).toBe(2);
  });

  test('serves on when its renewal fails, which is tried again half a minute later', async () => {
    await nameAt();
    await clock.advance(0.9 * hour);
    expect((await cache.get('a', fail)).name).toBe('v1');
    await clock.advance(29_999);
    expect((await cache.get('a', fail)).name).toBe('v1');
    expect(loads).toBe(2);
    await clock.advance(1);
    expect((await cache.get('a', fail)).name).toBe('v1');
    expect(loads).toBe(3);
  });

  test('is not given out in the last half minute of its life, nor after it', async () => {
    await nameAt();
    await clock.advance(hour - 30_001);
    expect(await nameAt()).toBe('v1');
    await clock.advance(1);
    expect(await nameAt()).toBe('v2');
    await clock.advance(2 * hour);
    await expect(cache.get('a', fail)).rejects.toThrow('failure');
  });

  test('that lives for less than that is loaded for each who asks', async () => {
    const short = async (): Promise<Value> => ({ name: 'short', expiresAt: clock.now() + 1_000 });
    expect(await cache.get('a', short)).not.toBe(await cache.get('a', short));
  });

  test('that was refused is given to nobody again, and one is loaded for all who had it', async () => {
    const first = await cache.get('a', load);
    const next = await Promise.all([nameAt('a', first), nameAt('a', first), nameAt()]);
    expect(next).toEqual(['v2', 'v2', 'v2']);
    expect(await nameAt('a', first)).toBe('v2');
    expect(loads).toBe(2);
  });

  test('that was refused is gone also when no other can be had', async () => {
    const first = await cache.get('a', load);
    await expect(cache.get('a', fail, { refused: first })).rejects.toThrow('failure 2');
    await clock.advance(5_000);
    expect(await nameAt()).toBe('v3');
  });

  test('that is forgotten is loaded anew', async () => {
    await nameAt();
    cache.forget('a');
    expect(await nameAt()).toBe('v2');
  });
});

describe('an expired value', () => {
  test('is dropped, whether or not a caller asks again', async () => {
    await nameAt();
    await clock.advance(hour);
    clock.step(-hour);
    expect(await nameAt()).toBe('v2');
  });

  test('leaves no timer behind, nor does one that was replaced, refused or forgotten', async () => {
    const first = await cache.get('a', load);
    await nameAt('a', first);
    await nameAt('b');
    expect(clock.pending).toBe(2);
    cache.forget('a');
    expect(clock.pending).toBe(1);
    await clock.advance(hour);
    expect(clock.pending).toBe(0);
  });

  test('is not kept at all when its load took longer than it lives', async () => {
    await cache.get('a', async () => ({ name: 'late', expiresAt: clock.now() }));
    expect(clock.pending).toBe(0);
    expect(await nameAt()).toBe('v1');
  });
});

describe('a load', () => {
  test('gives its result to all callers that wait for it, however long it takes', async () => {
    const { promise, resolve } = Promise.withResolvers<Value>();
    const waiting = [cache.get('a', () => promise), cache.get('a', load)];
    await clock.advance(20_000);
    waiting.push(cache.get('a', load));
    resolve({ name: 'v1', expiresAt: clock.now() + hour });
    const names = (await Promise.all(waiting)).map(({ name }) => name);
    expect(names).toEqual(['v1', 'v1', 'v1']);
    expect(loads).toBe(0);
  });

  test('that fails late gives its failure to all of them', async () => {
    const { promise, reject } = Promise.withResolvers<Value>();
    const waiting = [cache.get('a', () => promise), cache.get('a', load)];
    const outcomes = Promise.allSettled(waiting);
    await clock.advance(20_000);
    const failure = new Error('refused');
    reject(failure);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
    expect(loads).toBe(0);
  });

  test('ahead of expiry that is slow leaves the value in hand to serve until its end', async () => {
    await nameAt();
    await clock.advance(0.9 * hour);
    const { promise, resolve } = Promise.withResolvers<Value>();
    expect((await cache.get('a', () => promise)).name).toBe('v1');
    await clock.advance(0.1 * hour - 30_001);
    expect(await nameAt()).toBe('v1');
    await clock.advance(1);
    const next = nameAt();
    resolve({ name: 'renewed', expiresAt: clock.now() + hour });
    expect(await next).toBe('renewed');
  });
});

describe('a failure', () => {
  test('is shared for its time with whoever asks, and then tried again', async () => {
    await expect(cache.get('a', fail)).rejects.toThrow('failure 1');
    await clock.advance(4_999);
    await expect(cache.get('a', load)).rejects.toThrow('failure 1');
    expect(await nameAt('b')).toBe('v2');
    await clock.advance(1);
    expect(await nameAt()).toBe('v3');
  });

  test('is not held unless it is asked for', async () => {
    cache = createExpiringCache<Value>(clock);
    await expect(cache.get('a', fail)).rejects.toThrow('failure 1');
    expect(clock.pending).toBe(0);
    expect(await nameAt()).toBe('v2');
  });
});
