import { describe, expect, test } from 'vitest';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { encode } from './secretServer.ts';
import { aWorldAtRest, createWorld, rotate, type World } from './world.ts';

const hour = 3_600_000;

const label = { 'label/vaultsecret.dev/managed': 'true' };
const merge = { target: { creationPolicy: 'Merge' as const } };

async function aWorldToMerge(): Promise<World> {
  const world = createWorld(aVaultSecret({ spec: merge }));
  world.server.create('shop', { 'data/DB_PASSWORD': 'b2xk', 'data/THEIRS': 'eA==', ...label });
  return world;
}

async function aMergedWorld(): Promise<World> {
  const world = await aWorldToMerge();
  await world.reconcile();
  world.takeWrites();
  world.events.length = 0;
  return world;
}

/** Each brings a world to the moment at which the controller has something to write. */
const scenarios: Readonly<Record<string, () => Promise<World>>> = {
  'a first sync': async () => createWorld(),

  'a rotation that a refresh is asked for': async () => {
    const world = await aWorldAtRest();
    rotate(world);
    world.askForRefresh('now');
    return world;
  },

  'a repair': async () => {
    const world = await aWorldAtRest();
    world.server.edit('shop', { 'data/DB_PASSWORD': 'eA==', 'data/X': 'eA==' });
    return world;
  },

  'another name': async () => {
    const world = await aWorldAtRest();
    world.editSpec({ target: { name: 'new' } });
    return world;
  },

  'another name of an orphan': async () => {
    const target = { creationPolicy: 'Orphan' as const };
    const world = await aWorldAtRest(aVaultSecret({ spec: { target } }));
    world.editSpec({ target: { ...target, name: 'new' } });
    return world;
  },

  'another type': async () => {
    const world = await aWorldAtRest();
    world.editSpec({ target: { type: 'example.com/shop' } });
    return world;
  },

  'other keys': async () => {
    const world = await aWorldAtRest();
    world.state.vault.set('b', aKeyVaultSecret({ name: 'b' }));
    world.editSpec({ data: [{ dataKey: 'B', secret: { name: 'b' } }] });
    return world;
  },

  'an adoption': async () => {
    const target = { creationPolicy: 'Adopt' as const };
    const world = createWorld(aVaultSecret({ spec: { target } }));
    world.server.create('shop', { 'data/DB_PASSWORD': 'b2xk', 'data/X': 'eA==', ...label });
    return world;
  },

  'a first merge': aWorldToMerge,

  'a merge of other keys': async () => {
    const world = await aMergedWorld();
    world.state.vault.set('b', aKeyVaultSecret({ name: 'b' }));
    world.editSpec({ data: [{ dataKey: 'B', secret: { name: 'b' } }] });
    return world;
  },

  'a merge under another name': async () => {
    const world = await aMergedWorld();
    world.server.create('new', label);
    world.editSpec({ target: { ...merge.target, name: 'new' } });
    return world;
  },

  'a merge that becomes an adoption': async () => {
    const world = await aMergedWorld();
    world.editSpec({ target: { creationPolicy: 'Adopt' } });
    return world;
  },

  'the end of a VaultSecret that merged': async () => {
    const world = await aMergedWorld();
    world.delete();
    return world;
  },

  'the end of a VaultSecret that merged what others apply': async () => {
    const world = await aMergedWorld();
    world.server.apply('shop', 'argo', { 'data/DB_PASSWORD': encode('p4ssw0rd') });
    world.delete();
    return world;
  },

  'a VaultSecret made anew': async () => {
    const world = await aWorldAtRest();
    world.state.vaultSecret = aVaultSecret({ uid: 'uid-2' });
    world.restart();
    return world;
  },
};

/** Everything that users can see, but for the events. */
function seen(world: World) {
  const { server } = world;
  const secrets = server.names().map((name) => {
    const { type, fields } = server.liveOf(name);
    return { name, type, fields: Object.fromEntries(fields) };
  });
  return {
    secrets: secrets.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    status: world.status(),
    finalizers: world.state.vaultSecret?.finalizers,
  };
}

/** As the queue does: again until it succeeds. */
async function untilDone(world: World): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const isDone = await world.reconcile().then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
  throw new Error('the controller turns in circles');
}

/** From the n-th write on, nothing reaches the API server, or nothing comes back. */
async function isKilledAt(world: World, nth: number, when: When): Promise<boolean> {
  let isDead = false;
  const die = (): void => {
    if (isDead) throw new Error('killed');
  };
  atWrite(world, nth, when, () => {
    isDead = true;
    die();
  });
  const { before } = world.state.interference;
  world.state.interference.before = (write) => {
    die();
    before?.(write);
  };
  await world.reconcile().catch(() => undefined);
  return isDead;
}

type When = 'before' | 'after';

function atWrite({ state }: World, nth: number, when: When, act: () => void): void {
  let count = 0;
  state.interference[when] = () => {
    count += 1;
    if (count === nth) act();
  };
}

async function expectRest(world: World): Promise<void> {
  world.takeWrites();
  await untilDone(world);
  expect(world.takeWrites()).toEqual([]);
}

describe.each(Object.entries(scenarios))('%s', async (_, begin) => {
  const undisturbed = await begin();
  await undisturbed.reconcile();
  const expected = seen(undisturbed);
  const writes = undisturbed.takeWrites();
  const cuts = writes.flatMap((write, i) =>
    (['before', 'after'] as const).map((when) => [when, write, i + 1] as const),
  );

  test('needs one status at most, and leaves nothing to do', async () => {
    expect(writes.filter((write) => write === 'status').length).toBeLessThanOrEqual(1);
    await expectRest(undisturbed);
  });

  test.each(cuts)('ends right when killed %s %s (%i)', async (when, __, nth) => {
    const world = await begin();
    expect(await isKilledAt(world, nth, when)).toBe(true);
    world.restart();
    await untilDone(world);

    expect(seen(world)).toEqual(expected);
    await expectRest(world);
  });

  test.each(cuts)('ends right when no answer comes %s %s (%i)', async (when, __, nth) => {
    const world = await begin();
    atWrite(world, nth, when, () => {
      throw new KubeApiError({ status: 0, reason: '', message: 'no answer' });
    });
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'ApiServerUnavailable' });
    await untilDone(world);

    expect(seen(world)).toEqual(expected);
    await expectRest(world);
  });

  test.each(cuts)('ends right when somebody writes %s %s (%i)', async (when, __, nth) => {
    const world = await begin();
    atWrite(world, nth, when, () => {
      for (const { body } of world.server.watched())
        world.server.edit(body.name, { 'data/DB_PASSWORD': 'eA==', 'label/team': 'a' });
    });
    await untilDone(world);
    await untilDone(world);

    for (const { body } of world.server.watched())
      world.server.edit(body.name, { 'label/team': undefined });
    expect(seen(world).status).toEqual(expected.status);
    expect(ofOurs(world)).toEqual(ofOurs(undisturbed));
  });
});

test('a rotation that a kill cut off is found by the next refresh', async () => {
  const world = await aWorldAtRest();
  rotate(world);
  await world.clock.advance(hour);
  expect(await isKilledAt(world, 1, 'before')).toBe(true);
  world.restart();
  const { requeueAfterMs = 0 } = await world.reconcile();
  await world.clock.advance(requeueAfterMs);
  await world.reconcile();

  expect(requeueAfterMs).toBeLessThanOrEqual(hour);
  expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'new' });
});

/** What others do to a Secret that we let go of is theirs, and in one that we merge into all but our fields. */
function ofOurs(world: World): readonly unknown[] {
  return seen(world).secrets.flatMap(({ name, fields, type }): readonly unknown[] => {
    if (!('label/vaultsecret.dev/managed' in fields)) return [];
    if ('annotation/vaultsecret.dev/owner' in fields) return [{ name, fields, type }];
    const owned = world.server
      .liveOf(name)
      .entries.filter((entry) => entry.name.startsWith('vaultsecret.dev/'))
      .flatMap(({ paths }) => [...paths]);
    return owned.map((path) => ({ name, path, value: fields[path] }));
  });
}
