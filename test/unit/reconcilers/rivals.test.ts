import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { redact } from '../../../src/core/redacted.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { aWorldAtRest, rotate, type World } from './world.ts';

/** A younger VaultSecret, shop/other, begins to want Secret shop as well, as its watch tells both. */
async function aContestedWorld(spec: Partial<VaultSecretSpec> = {}): Promise<World> {
  const world = await aWorldAtRest();
  const createdAt = aVaultSecret().createdAt + 1_000;
  const target = { name: 'shop' };
  const other = aVaultSecret({ name: 'other', uid: 'uid-o', createdAt, spec: { target, ...spec } });
  world.state.others.set('other', other);
  world.state.vault.set('b', aKeyVaultSecret({ name: 'b', value: redact('b') }));
  return world;
}

async function lookAtBoth(world: World): Promise<void> {
  for (const name of ['other', 'shop']) await world.reconcile(name).catch(() => undefined);
}

describe.each<readonly [string, Partial<VaultSecretSpec>]>([
  ['equal values', {}],
  ['other values', { data: [{ dataKey: 'DB_PASSWORD', secret: { name: 'b' } }] }],
  ['other keys', { data: [{ dataKey: 'B', secret: { name: 'b' } }] }],
])('two VaultSecrets that want one Secret with %s', (_, spec) => {
  test('both say so, and only the first writes', async () => {
    const world = await aContestedWorld(spec);
    await lookAtBoth(world);

    expect(world.status().conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Conflict', status: 'True', message: expect.stringContaining('VaultSecret other.') },
    ]);
    expect(world.state.others.get('other')?.status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'TargetOwnedByVaultSecret' },
      { type: 'Stalled' },
    ]);
    expect(world.takeWrites()).toEqual(['status', 'status']);

    await lookAtBoth(world);
    expect(world.takeWrites()).toEqual([]);
    expect(world.reads).toEqual([]);
  });

  test('the first goes on to follow its sources', async () => {
    const world = await aContestedWorld(spec);
    await lookAtBoth(world);
    rotate(world);
    world.askForRefresh('now');
    await lookAtBoth(world);

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'new' });
  });

  test('the first goes on when somebody deletes the Secret, whoever looks first', async () => {
    const world = await aContestedWorld(spec);
    await lookAtBoth(world);
    world.server.remove('shop');
    await lookAtBoth(world);

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(world.server.watched()).toMatchObject([{ body: { owner: 'shop/shop' } }]);
  });

  test('the other goes on when the first and its Secret are gone', async () => {
    const world = await aContestedWorld(spec);
    await lookAtBoth(world);
    world.state.vaultSecret = undefined;
    world.server.remove('shop');
    await world.reconcile('other');

    expect(world.server.watched()).toMatchObject([{ body: { owner: 'shop/other' } }]);
    expect(world.state.others.get('other')?.status.conditions).toMatchObject([{ status: 'True' }]);
  });
});
