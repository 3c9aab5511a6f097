import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aVaultSecret } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';
import { aWorldAtRest, createWorld, rotate, type World } from './world.ts';

const hour = 3_600_000;
type Policy = NonNullable<NonNullable<VaultSecretSpec['target']>['creationPolicy']>;
const withPolicy = (creationPolicy: Policy) =>
  aVaultSecret({ spec: { target: { creationPolicy } } });

/** What a user may do to the VaultSecret while Key Vault is read for it. */
const deeds: readonly (readonly [string, (world: World) => void])[] = [
  ['is deleted', (world) => world.delete()],
  ['is suspended', (world) => world.editSpec({ suspend: true })],
  ['gets another target', (world) => world.editSpec({ target: { name: 'other' } })],
  [
    'is made again under its name',
    ({ state }) => void (state.vaultSecret = aVaultSecret({ uid: 'uid-2' })),
  ],
  [
    'is being deleted, held by the finalizer of others,',
    ({ state }) =>
      void (state.vaultSecret = state.vaultSecret && { ...state.vaultSecret, terminating: true }),
  ],
];

describe.each<Policy>(['Owner', 'Orphan', 'Adopt'])('with the policy %s', (policy) => {
  test.each(deeds)(
    'no Secret is made when the VaultSecret %s while it is read',
    async (_, deed) => {
      const world = createWorld(withPolicy(policy));
      world.state.whileReading = () => deed(world);

      expect(await world.reconcile()).toEqual({});
      expect(world.server.names()).toEqual([]);
      expect(world.writes).toEqual([]);
      expect(world.events).toEqual([]);
    },
  );

  test.each(deeds)(
    'nothing is changed when the VaultSecret %s while it is read',
    async (_, deed) => {
      const world = await aWorldAtRest(withPolicy(policy));
      rotate(world);
      await world.clock.advance(hour);
      world.state.whileReading = () => deed(world);

      expect(await world.reconcile()).toEqual({});
      expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
      expect(world.takeWrites()).toEqual([]);
    },
  );
});

test('a failure to read for a spec that is no more is not shown', async () => {
  const world = createWorld();
  world.state.vault.set('db-password', anError('KeyVaultSecretNotFound'));
  world.state.whileReading = () => world.editSpec({ suspend: true });

  expect(await world.reconcile()).toEqual({});
  expect(world.writes).toEqual([]);
});

test('the next reconcile does what the VaultSecret says then', async () => {
  const world = createWorld();
  world.state.whileReading = () => world.editSpec({ target: { name: 'other' } });
  await world.reconcile();
  world.state.whileReading = undefined;
  await world.reconcile();

  expect(world.server.names()).toEqual(['other']);
  expect(world.writes).toEqual(['apply other', 'status']);
});

test('a refresh that is asked for while it is read changes nothing of the plan', async () => {
  const world = createWorld();
  world.state.whileReading = () => world.askForRefresh('now');
  await world.reconcile();

  expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
});

describe('a Secret that is to stay', () => {
  test.each(deeds)(
    'is not made when the VaultSecret %s and the watch has not reported it',
    async (_, deed) => {
      const world = createWorld(withPolicy('Orphan'));
      world.lagVaultSecret();
      world.state.whileReading = () => deed(world);

      await expect(world.reconcile()).rejects.toBeInstanceOf(StaleFenceError);
      expect(world.server.names()).toEqual([]);
      expect(world.writes).toEqual([]);
    },
  );

  test('is made once the API server can say that its VaultSecret lives', async () => {
    const world = createWorld(withPolicy('Orphan'));
    world.state.failingGet = new KubeApiError({ status: 503, reason: '', message: '' });
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'ApiServerUnavailable' });
    expect(world.server.names()).toEqual([]);

    world.state.failingGet = undefined;
    await world.reconcile();
    expect(world.server.names()).toEqual(['shop']);
  });

  test('is asked about when it is made, and not when it is updated', async () => {
    const world = await aWorldAtRest(withPolicy('Orphan'));
    expect(world.lookups).toEqual(['shop']);
    rotate(world);
    await world.clock.advance(hour);
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'new' });
    expect(world.lookups).toEqual(['shop']);
  });

  test('one that goes with its VaultSecret costs no question', async () => {
    expect((await aWorldAtRest()).lookups).toEqual([]);
  });
});
