import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { redact } from '../../../src/core/redacted.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';
import { createWorld, type World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const names = Array.from({ length: 60 }, (_, index) => `c${index}`);
const data = names.map((name) => ({ dataKey: name, secret: { name } }));
const versionTwo = '2'.repeat(32);

function put({ state }: World, value: string, version?: string): void {
  for (const name of names)
    state.vault.set(
      name,
      aKeyVaultSecret({
        name,
        value: redact(value),
        ...(version === undefined ? {} : { version }),
      }),
    );
}

/** 60 objects that together are too large for a Secret. */
function aHugeWorld(spec: Partial<VaultSecretSpec> = {}): World {
  const world = createWorld(aVaultSecret({ spec: { data, ...spec } }));
  put(world, 'x'.repeat(25_000));
  return world;
}

/** Looks as the queue does; answers how many rounds of reads each hour had. */
async function roundsByHour(world: World, hours: number): Promise<readonly number[]> {
  const rounds: number[] = [];
  let nextMs = world.clock.now();
  for (let one = 0; one < hours; one += 1) {
    const end = world.clock.now() + hour;
    world.reads.length = 0;
    while (nextMs <= end) {
      await world.clock.advance(Math.max(nextMs - world.clock.now(), 0));
      nextMs = world.clock.now() + (await look(world));
    }
    await world.clock.advance(end - world.clock.now());
    rounds.push(Math.round(world.reads.length / names.length));
  }
  return rounds;
}

async function look(world: World): Promise<number> {
  return world.reconcile().then(
    ({ requeueAfterMs = Infinity }) => requeueAfterMs,
    (error: unknown) => (error instanceof ReconcileError ? (error.retryAfterMs ?? 0) : 0),
  );
}

describe('a Secret that would be too large', () => {
  test('costs each object one read in a refresh interval, where it was 24 in the first hour and 16 in each other', async () => {
    expect(await roundsByHour(aHugeWorld(), 3)).toEqual([2, 1, 1]);
    const rounds = await roundsByHour(aHugeWorld({ refreshInterval: '24h' }), 48);
    expect(rounds.reduce((sum, count) => sum + count)).toBe(3);
  });

  test.each([
    ['the VaultSecret is looked at again', () => undefined],
    [
      'the ServiceAccount is another',
      ({ state }: World) => (state.serviceAccount = { uid: 'x', clientId: '1', tenantId: '2' }),
    ],
  ])('is not read again when %s', async (_, change) => {
    const world = aHugeWorld();
    await look(world);
    world.reads.length = 0;
    world.takeWrites();
    world.events.length = 0;
    change(world);

    expect(await look(world)).toBeGreaterThan(0);
    expect([...world.reads, ...world.takeWrites(), ...world.events]).toEqual([]);
    expect(world.status().conditions).toMatchObject([{ reason: 'SecretTooLarge' }, {}]);
  });

  test.each<readonly [string, (world: World) => void]>([
    ['the spec is edited', (world) => world.editSpec({ refreshInterval: '2h' })],
    ['a refresh is asked for', (world) => world.askForRefresh('1')],
    [
      'the Secret is there',
      (world) =>
        world.server.create('shop', {
          'label/vaultsecret.dev/managed': 'true',
          'annotation/vaultsecret.dev/owner': 'shop/shop',
        }),
    ],
    ['the process starts anew', (world) => world.restart()],
  ])('is read again once %s', async (_, change) => {
    const world = aHugeWorld();
    await look(world);
    world.reads.length = 0;
    change(world);
    await look(world);

    expect(world.reads).toHaveLength(names.length);
  });

  test('is written at the refresh after its values got smaller, and stays', async () => {
    const world = aHugeWorld();
    await look(world);
    put(world, 'x', versionTwo);
    await roundsByHour(world, 1);
    expect(world.status().conditions).toMatchObject([{ status: 'True', reason: 'Synced' }]);

    put(world, 'x'.repeat(25_000));
    await roundsByHour(world, 1);
    put(world, 'x', versionTwo);
    world.askForRefresh('1');
    await look(world);
    await look(world);
    expect(world.status().conditions).toMatchObject([{ status: 'True', reason: 'Synced' }]);
  });
});

test.each(['KeyVaultSecretNotFound', 'KeyVaultSecretDisabled'] as const)(
  'objects of which one fails with %s are tried ever more rarely, up to the refresh interval',
  async (reason) => {
    const world = aHugeWorld({ refreshInterval: '24h' });
    put(world, 'x');
    world.state.vault.set('c7', anError(reason));

    const rounds = await roundsByHour(world, 48);
    expect(rounds[0]).toBeGreaterThanOrEqual(11);
    expect(rounds[0]).toBeLessThanOrEqual(13);
    // Five minutes apart, as before, it would be 576.
    expect(rounds.slice(1).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(8);
  },
);

test('what another than the vault must end is tried every five minutes at least', async () => {
  const world = aHugeWorld({ refreshInterval: '24h' });
  put(world, 'x');
  world.state.interference.before = (write) => {
    if (write.startsWith('apply')) throw new KubeApiError({ status: 403, reason: '', message: '' });
  };

  const rounds = await roundsByHour(world, 2);
  expect(rounds[1]).toBeGreaterThanOrEqual(12);
});
