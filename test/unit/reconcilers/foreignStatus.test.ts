import { describe, expect, test } from 'vitest';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { anError } from '../core/someErrors.ts';
import { aWorldAtRest, createWorld, rotate } from './world.ts';

const hour = 3_600_000;

describe('a status that another replica wrote meanwhile', () => {
  const theirs = { syncedAt: '2026-11-25T12:30:00Z' };

  test('is not replaced by an older one: it is looked at again, and agreed with', async () => {
    const world = await aWorldAtRest();
    rotate(world);
    await world.clock.advance(hour);
    const { vaultSecret } = world.state;
    if (vaultSecret === undefined) throw new TypeError('it is gone');
    world.state.whileReading = () => {
      const status = { ...vaultSecret.status, ...theirs };
      world.state.vaultSecret = { ...vaultSecret, status };
    };

    await expect(world.reconcile()).rejects.toBeInstanceOf(StaleFenceError);
    expect(world.status()).toMatchObject(theirs);
    expect(world.counted.filter((one) => one === 'status')).toHaveLength(1);

    world.state.whileReading = undefined;
    await world.reconcile();
    await world.reconcile();
    expect(world.status()).toMatchObject({ conditions: [{ status: 'True' }] });
    expect(world.takeWrites()).toEqual(['apply shop', 'status', 'status']);
  });

  test('is not replaced by a failure either', async () => {
    const world = createWorld();
    world.state.vault.set('db-password', anError('KeyVaultSecretNotFound'));
    world.state.whileReading = () => {
      const { vaultSecret } = world.state;
      world.state.vaultSecret = vaultSecret && { ...vaultSecret, status: theirs };
    };

    await expect(world.reconcile()).rejects.toBeInstanceOf(StaleFenceError);
    expect(world.status()).toEqual(theirs);
  });
});
