import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { aVaultSecret } from '../core/builders.ts';
import { aWorldAtRest, type World } from './world.ts';

const data = ['A', 'B'].map((dataKey) => ({ dataKey, secret: { name: 'db-password' } }));
const orphan = { creationPolicy: 'Orphan' as const };
const labelled = { ...orphan, labels: { team: 'a' }, annotations: { note: 'b' } };

/** The VaultSecret was made anew under its name, with another spec, and its Secret is still there. */
async function aRemadeWorld(spec: Partial<VaultSecretSpec>): Promise<World> {
  const world = await aWorldAtRest(aVaultSecret({ spec: { data, target: labelled } }));
  world.state.vaultSecret = aVaultSecret({ uid: 'uid-2', spec });
  world.restart();
  await world.reconcile();
  return world;
}

const fieldsOf = ({ server }: World): readonly string[] =>
  [...server.liveOf('shop').fields.keys()].filter((path) => !path.includes('vaultsecret.dev/'));
const managersOf = ({ server }: World): readonly string[] =>
  server.watched().flatMap(({ body }) => body.managers.map(({ name }) => name));

describe('a VaultSecret that is made anew', () => {
  test('leaves nothing in its Secret that it names no more', async () => {
    const world = await aRemadeWorld({ data: data.slice(0, 1), target: orphan });

    expect(world.takeWrites()).toEqual(['take over shop', 'apply shop', 'status']);
    expect(fieldsOf(world)).toEqual(['data/A']);
    expect(managersOf(world)).toEqual(['vaultsecret.dev/uid-2']);
  });

  test('removes later what its spec drops later', async () => {
    const world = await aRemadeWorld({ data, target: labelled });
    world.editSpec({ data: data.slice(0, 1), target: orphan });
    await world.reconcile();

    expect(world.takeWrites()).toEqual([
      'take over shop',
      'apply shop',
      'status',
      'apply shop',
      'status',
    ]);
    expect(fieldsOf(world)).toEqual(['data/A']);
  });
});
