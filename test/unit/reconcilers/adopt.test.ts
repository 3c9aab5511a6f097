import { describe, expect, test } from 'vitest';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aVaultSecret } from '../core/builders.ts';
import { aWorldAtRest, createWorld, type World } from './world.ts';

const label = { 'label/vaultsecret.dev/managed': 'true' };
const theirs = { 'data/DB_PASSWORD': 'b2xk', 'data/THEIRS': 'eA==', 'label/app': 'a' };
const vaultSecret = aVaultSecret({ spec: { target: { creationPolicy: 'Adopt' } } });

/** Somebody made Secret shop before. */
function aWorldToAdopt(fields: Readonly<Record<string, string>>): World {
  const world = createWorld(vaultSecret);
  world.server.create('shop', fields);
  return world;
}

describe('a Secret to adopt', () => {
  test('is taken over, then applied to: its other keys go, its other labels stay', async () => {
    const world = aWorldToAdopt({ ...theirs, ...label });
    await world.reconcile();

    expect(world.takeWrites()).toEqual(['take over shop', 'apply shop', 'status']);
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(world.server.liveOf('shop').fields.get('label/app')).toBe('a');
    expect(world.server.watched()[0]?.body).toMatchObject({
      owner: 'shop/shop',
      ownerUids: ['uid-1'],
      managers: [{ name: 'kubectl-create', dataKeys: [] }, { name: 'vaultsecret.dev/uid-1' }],
    });
    expect(world.events).toMatchObject([{ reason: 'SecretAdopted' }]);

    world.restart();
    await world.reconcile();
    expect(world.takeWrites()).toEqual([]);
  });

  test('loses keys that were applied as stringData as well', async () => {
    const world = aWorldToAdopt({ ...theirs, ...label });
    world.server.applyStringData('shop', 'HIDDEN', 'x');
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });

  test('waits for its owner to label it, and says how', async () => {
    const world = aWorldToAdopt(theirs);
    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetNotLabelled' });
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'old', THEIRS: 'x' });

    world.server.edit('shop', label);
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });

  test('of another type is not touched', async () => {
    const world = createWorld(
      aVaultSecret({ spec: { target: { creationPolicy: 'Adopt', type: 'example.com/other' } } }),
    );
    world.server.create('shop', { ...theirs, ...label });

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'TargetTypeDiffers' });
    expect(world.writes).toEqual(['status']);
  });

  test('that changes while it is taken over is looked at again', async () => {
    const world = aWorldToAdopt({ ...theirs, ...label });
    world.state.interference.before = (write) => {
      if (write === 'take over shop') world.server.edit('shop', { 'data/NEW': 'eA==' });
      world.state.interference = {};
    };

    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    expect(world.server.dataOf('shop')).toHaveProperty('NEW');
    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });

  test('left by a VaultSecret of another name is taken over with its labels', async () => {
    const labels = { team: 'a' };
    const world = await aWorldAtRest(
      aVaultSecret({ spec: { target: { creationPolicy: 'Orphan', labels } } }),
    );
    const target = { creationPolicy: 'Adopt' as const, name: 'shop' };
    world.state.vaultSecret = undefined;
    world.state.others.set('heir', aVaultSecret({ name: 'heir', uid: 'uid-2', spec: { target } }));
    await world.reconcile('heir');

    expect(world.takeWrites()).toEqual(['take over shop', 'apply shop', 'status']);
    expect(world.server.liveOf('shop').fields.has('label/team')).toBe(false);
    expect(world.server.watched()[0]?.body).toMatchObject({ owner: 'shop/heir' });
  });
});
