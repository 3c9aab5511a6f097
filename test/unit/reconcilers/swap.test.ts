import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';
import { redact } from '../../../src/core/redacted.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { createWorld, type World } from './world.ts';

type Target = NonNullable<VaultSecretSpec['target']>;
type Policy = NonNullable<Target['creationPolicy']>;

const names = ['shop', 'b', 'c'] as const;
const nextOf = (name: string, count: number): string =>
  names[(names.findIndex((one) => one === name) + 1) % count] ?? '';

/** Each holds its own name as the value of its own key, in Secret `of NAME`. */
const specOf = (name: string, target: Target): Partial<VaultSecretSpec> => ({
  data: [{ dataKey: name.toUpperCase(), secret: { name } }],
  target,
});

function find({ state }: World, name: string): VaultSecret {
  const found = name === 'shop' ? state.vaultSecret : state.others.get(name);
  if (found === undefined) throw new TypeError(`there is no VaultSecret ${name}`);
  return found;
}

function edit(world: World, name: string, target: Target): void {
  const before = find(world, name);
  const generation = before.generation + 1;
  const edited = { ...before, generation, spec: { ...before.spec, target } };
  if (name === 'shop') world.state.vaultSecret = edited;
  else world.state.others.set(name, edited);
}

/** As many VaultSecrets, each with its Secret, which now name each the Secret of the next. */
async function aSwap(count: number, creationPolicy: Policy, types?: string): Promise<World> {
  const type = (name: string) => (types === undefined ? {} : { type: `${types}/${name}` });
  const target = (name: string) => ({ name: `of-${name}`, creationPolicy });
  const world = createWorld(
    aVaultSecret({ spec: specOf('shop', { ...target('shop'), ...type('shop') }) }),
  );
  for (const name of names.slice(0, count)) {
    world.state.vault.set(name, aKeyVaultSecret({ name, value: redact(name) }));
    const spec = specOf(name, { ...target(name), ...type(name) });
    if (name !== 'shop') world.state.others.set(name, aVaultSecret({ name, uid: name, spec }));
    await world.reconcile(name);
  }
  for (const name of names.slice(0, count))
    edit(world, name, { ...target(nextOf(name, count)), ...type(name) });
  world.takeWrites();
  return world;
}

/** What ends it, however often each is looked at in between. */
async function settle(world: World, order: readonly string[]): Promise<void> {
  for (const name of [...order, ...order, ...order]) {
    await world.reconcile(name).catch((thrown: unknown) => {
      if (!(thrown instanceof StaleFenceError)) throw thrown;
    });
  }
}

function isSwapped({ server }: World, count: number): boolean {
  return names.slice(0, count).every((name) => {
    const secret = nextOf(name, count);
    const held = server.dataOf(`of-${secret}`);
    return held?.[name.toUpperCase()] === name && Object.keys(held).length === 1;
  });
}

const orders = [
  ['shop', 'b', 'c'],
  ['shop', 'c', 'b'],
  ['b', 'shop', 'c'],
  ['c', 'b', 'shop'],
] as const;

describe.each<Policy>(['Owner', 'Orphan', 'Adopt'])('under the policy %s', (policy) => {
  describe.each([2, 3])('%i VaultSecrets that swap their names', (count) => {
    const parts = orders.map((order) =>
      order.filter((name) => names.slice(0, count).includes(name)),
    );

    test.each(parts.map((order) => [order]))(
      'do so in place, and no Secret is missing for a moment (%j)',
      async (order) => {
        const world = await aSwap(count, policy);
        world.state.interference.after = () => expect(world.server.names()).toHaveLength(count);
        await settle(world, order);

        expect(isSwapped(world, count)).toBe(true);
        expect(world.writes.filter((write) => /delete|release/.test(write))).toEqual([]);
        for (const name of order)
          expect(find(world, name).status.conditions).toMatchObject([
            { type: 'Ready', status: 'True' },
          ]);

        world.takeWrites();
        await settle(world, order);
        expect(world.takeWrites()).toEqual([]);
      },
    );

    test.each(Array.from({ length: 3 * count }, (_, index) => index + 1))(
      'end right when the controller dies around write %i',
      async (nth) => {
        for (const when of ['before', 'after'] as const) {
          const world = await aSwap(count, policy);
          let writes = 0;
          world.state.interference[when] = () => {
            writes += 1;
            if (writes === nth) throw new Error('killed');
          };
          for (const name of names.slice(0, count)) {
            const killed = await world.reconcile(name).then(
              () => false,
              () => writes >= nth,
            );
            if (killed) break;
          }
          world.restart();
          // The other begins, which may believe that what it sees is left to it.
          await settle(world, names.slice(0, count).toReversed());

          expect(isSwapped(world, count)).toBe(true);
          expect(world.server.names()).toHaveLength(count);
        }
      },
    );
  });
});

test('two that swap names and have different types replace each Secret', async () => {
  const world = await aSwap(2, 'Owner', 'example.com');
  await settle(world, ['shop', 'b']);

  expect(isSwapped(world, 2)).toBe(true);
  expect(world.server.liveOf('of-shop').type).toBe('example.com/b');
});

test('a Secret that is wanted by one that cannot be read for stays until it can', async () => {
  const world = await aSwap(2, 'Owner');
  edit(world, 'shop', { name: 'elsewhere' });
  world.state.vault.delete('b');
  await world.reconcile('shop');
  await world.reconcile('b').catch(() => undefined);

  expect(world.server.names().toSorted()).toEqual(['elsewhere', 'of-b', 'of-shop']);
  expect(world.server.dataOf('of-shop')).toEqual({ SHOP: 'shop' });

  world.state.vault.set('b', aKeyVaultSecret({ name: 'b', value: redact('b') }));
  await world.reconcile('b');
  expect(world.server.dataOf('of-shop')).toEqual({ B: 'b' });
  expect(world.server.names().toSorted()).toEqual(['elsewhere', 'of-shop']);
});

test('a Secret that another stops to want is removed by its former owner after all', async () => {
  const world = await aSwap(2, 'Owner');
  edit(world, 'shop', { name: 'elsewhere' });
  await world.reconcile('shop');
  edit(world, 'b', { name: 'of-b' });
  await settle(world, ['b', 'shop']);

  expect(world.server.names().toSorted()).toEqual(['elsewhere', 'of-b']);
});

test('a Secret that another begins to want while its former owner moves is left to it', async () => {
  const world = await aSwap(2, 'Owner');
  edit(world, 'b', { name: 'of-b' });
  edit(world, 'shop', { name: 'elsewhere' });
  world.state.interference.after = (write) => {
    if (write === 'apply elsewhere') edit(world, 'b', { name: 'of-shop' });
  };
  await world.reconcile('shop');

  expect(world.writes).toEqual(['apply elsewhere', 'status']);
  expect(world.server.dataOf('of-shop')).toEqual({ SHOP: 'shop' });
});
