import { expect, test } from 'vitest';
import { redact } from '../../../src/core/redacted.ts';
import { createTokenReader } from '../../../src/identity/tokenReader.ts';
import type { ObtainedToken, TokenSource } from '../../../src/ports/azure.ts';
import type { Clock } from '../../../src/ports/system.ts';
import { aVaultSecret } from '../core/builders.ts';
import { createWorld, type World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A token is kept as long as it is accepted, as the cache of the identity does. */
const tokensThatLive = (lifeMs: number) => (clock: Clock) => {
  let kept: ObtainedToken | undefined;
  const tokens: TokenSource = {
    async acquire({ accepts }) {
      if (kept !== undefined && accepts?.(kept) === true) return kept;
      const obtainedAt = clock.now();
      kept = {
        token: redact(`token of ${obtainedAt}`),
        obtainedAt,
        expiresAt: obtainedAt + lifeMs,
      };
      return kept;
    },
  };
  const registryLogin = () => Promise.reject(new TypeError('no registry is asked'));
  return createTokenReader({ tokens, registryLogin, clock });
};

const data = [
  { dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } },
  { dataKey: 'ARM', accessToken: { resource: 'arm' } },
];

/** A token beside an object of Key Vault, first synced at an odd millisecond. */
async function aTokenWorld(lifeMs: number, oddMs: number): Promise<World> {
  const vaultSecret = aVaultSecret({ spec: { data, refreshInterval: '1000h' } });
  const world = createWorld(vaultSecret, tokensThatLive(lifeMs));
  await world.clock.advance(oddMs);
  return world;
}

/** Looks whenever the controller asked for it; answers how often. */
async function follow(world: World, durationMs: number): Promise<number> {
  const end = world.clock.elapsed() + durationMs;
  for (let looks = 0; ; looks += 1) {
    const { requeueAfterMs = Infinity } = await world.reconcile();
    expect(requeueAfterMs).toBeGreaterThan(0);
    if (world.clock.elapsed() + requeueAfterMs > end) return looks;
    await world.clock.advance(requeueAfterMs);
  }
}

test.each([0, 1, 137, 500, 998, 999])(
  'a token obtained %i ms after a whole second is renewed by one look, and the objects are read once for it',
  async (oddMs) => {
    const world = await aTokenWorld(hour, oddMs);

    // Every 40 minutes, up to a second later each time: 29 times in 19.5 hours.
    expect(await follow(world, 19.5 * hour)).toBe(29);
    expect(world.reads.filter((read) => read === 'db-password')).toHaveLength(30);
    expect(world.reads.filter((read) => read === 'token accessToken:arm')).toHaveLength(30);
  },
);

test('a token that lives less than a minute brings no look between its end and its renewal', async () => {
  const world = await aTokenWorld(20_000, 137);

  expect(await follow(world, hour)).toBeLessThanOrEqual(60);
});

test('a token obtained before the clock was set back by a day is renewed at the next look', async () => {
  const world = await aTokenWorld(hour, 137);
  await world.reconcile();
  const before = world.server.dataOf('shop')?.['ARM'];
  world.clock.step(-24 * hour);
  await world.clock.advance(30 * minute);
  await world.reconcile();

  expect(world.server.dataOf('shop')?.['ARM']).not.toBe(before);
});
