import { expect, test } from 'vitest';
import { callCounts } from '../../support/callCounts.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { aWorldAtRest, createWorld, type World } from './world.ts';

const objects = ['a', 'b', 'c'];
const data = objects.map((name) => ({ dataKey: name, secret: { name } }));

async function parsed(act: World['reconcile']): Promise<number | undefined> {
  const calls = await callCounts('/src/', async () => act());
  return calls.get('parseRecord');
}

test('a reconcile that changes nothing parses the sync record once, also after a restart', async () => {
  const world = await aWorldAtRest();

  expect(await parsed(world.reconcile)).toBe(1);
  world.restart();
  expect(await parsed(world.reconcile)).toBe(1);
  expect(world.reads).toEqual([]);
});

test('a refresh parses the sync record once, however many objects it reads', async () => {
  const world = createWorld(aVaultSecret({ spec: { data } }));
  for (const name of objects) world.state.vault.set(name, aKeyVaultSecret({ name }));
  const { requeueAfterMs = 0 } = await world.reconcile();
  world.reads.length = 0;
  await world.clock.advance(requeueAfterMs);

  expect(await parsed(world.reconcile)).toBe(1);
  expect(world.reads).toEqual(objects);
});
