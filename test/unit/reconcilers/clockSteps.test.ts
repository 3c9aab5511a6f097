import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';
import { createWorld, rotate, type World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const data = [
  { dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } },
  { dataKey: 'ARM', accessToken: { resource: 'arm' } },
];

type Answer = 'there' | 'missing' | 'unreachable' | 'expiring';

function answer({ state, clock }: World, what: Answer): void {
  const expiresOn = Math.floor(clock.now() / 1_000) + 90;
  const answers = {
    there: aKeyVaultSecret(),
    missing: anError('KeyVaultSecretNotFound'),
    unreachable: anError('KeyVaultUnreachable'),
    expiring: aKeyVaultSecret({ expiresOn }),
  };
  state.vault.set('db-password', answers[what]);
  state.versions = [];
}

/** As the queue does, whose delays no step moves; answers how often it looked. */
async function follow(world: World, durationMs: number): Promise<number> {
  const end = world.clock.elapsed() + durationMs;
  let looks = 0;
  while (world.clock.elapsed() < end) {
    const delayMs = await world.reconcile().then(
      ({ requeueAfterMs = Infinity }) => requeueAfterMs,
      (error: unknown) => (error instanceof ReconcileError ? (error.retryAfterMs ?? 0) : 0),
    );
    expect(delayMs).toBeGreaterThan(0);
    looks += 1;
    await world.clock.advance(Math.min(delayMs, end - world.clock.elapsed()));
  }
  return looks;
}

const steps = fc.array(
  fc.record({
    stepMs: fc.integer({ min: -48 * hour, max: 48 * hour }),
    what: fc.constantFrom<Answer[]>('there', 'missing', 'unreachable', 'expiring'),
    forMs: fc.integer({ min: 1, max: 3 * minute }),
  }),
  { minLength: 1, maxLength: 8 },
);

test('however the clock is set and the vault answers, no look follows another in circles, and a rotation is followed an interval after', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const target = { deletionPolicy: 'Delete' as const };
      const world = createWorld(aVaultSecret({ spec: { data, target } }));
      for (const { stepMs, what, forMs } of given) {
        answer(world, what);
        await world.reconcile().catch(() => undefined);
        world.clock.step(stepMs);
        // The tries after a failure double; the rest is a look now and then.
        expect(await follow(world, forMs)).toBeLessThanOrEqual(14);
      }
      rotate(world);
      await follow(world, hour + minute);
      expect(world.server.dataOf('shop')).toMatchObject({ DB_PASSWORD: 'new' });
      expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
      world.takeWrites();
      // The token is renewed every 40 minutes, the refresh comes every hour.
      expect(await follow(world, 4 * hour)).toBeLessThanOrEqual(12);
    }),
    { numRuns: 200 },
  );
});
