import { describe, expect, test } from 'vitest';
import { aThing } from './fakes.ts';
import { aPage, startInformer, type InformerWorld } from './informerWorld.ts';

const two = aPage('10', [aThing('a', '1'), aThing('b', '2')]);
const broken = { namespace: 'ns', name: 'b', resourceVersion: '11' };

const wordsOf = ({ log }: InformerWorld) => log.lines.filter(({ level }) => level === 'error');

describe('an object that cannot be read', () => {
  test('leaves the store, and the watch goes on behind it', async () => {
    const world = await startInformer(two);
    const { source, clock, held, changes } = world;
    changes.length = 0;
    source.newest.send(
      { type: 'unreadable', object: broken },
      { type: 'added', object: aThing('c', '12') },
    );
    await clock.settle();

    expect(held()).toEqual(['ns/a@1', 'ns/c@12']);
    expect(changes).toEqual(['deleted ns/b@2', 'added ns/c@12']);
    expect(source.watches).toHaveLength(1);
  });

  test('is named once in the log, and counted each time', async () => {
    const world = await startInformer(two);
    for (const resourceVersion of ['11', '12', '13']) {
      world.source.newest.send({ type: 'unreadable', object: { ...broken, resourceVersion } });
    }
    await world.clock.settle();

    expect(world.figures.unreadable).toBe(3);
    expect(wordsOf(world)).toEqual([
      {
        level: 'error',
        message: 'an object cannot be read and is taken for absent',
        resource: 'things',
        namespace: 'ns',
        name: 'b',
      },
    ]);
  });

  test('comes back once it can be read; should it break again, the log says so again', async () => {
    const world = await startInformer(two);
    world.source.newest.send(
      { type: 'unreadable', object: broken },
      { type: 'modified', object: aThing('b', '12') },
      { type: 'unreadable', object: { ...broken, resourceVersion: '13' } },
    );
    await world.clock.settle();

    expect(world.changes.slice(-3)).toEqual(['deleted ns/b@2', 'added ns/b@12', 'deleted ns/b@12']);
    expect(wordsOf(world)).toHaveLength(2);
  });

  test('is left out of a list, which is done without it', async () => {
    const world = await startInformer(
      { ...aPage('10', [aThing('a', '1')], 'more'), unreadable: [broken] },
      aPage('10', [aThing('c', '3')]),
    );

    expect(world.informer.hasSynced).toBe(true);
    expect(world.held()).toEqual(['ns/a@1', 'ns/c@3']);
    expect(world.figures.unreadable).toBe(1);
    expect(wordsOf(world)).toHaveLength(1);
  });

  test('goes with a later list, too', async () => {
    const { source, clock, held } = await startInformer(two, {
      ...aPage('20', [aThing('a', '1')]),
      unreadable: [broken],
    });
    await clock.advance(181_000);

    expect(source.lists).toHaveLength(2);
    expect(held()).toEqual(['ns/a@1']);
  });

  test('is where the watch resumes behind, as far as its version is known', async () => {
    const { source, clock } = await startInformer(two);
    source.newest.send(
      { type: 'unreadable', object: broken },
      { type: 'unreadable', object: { namespace: '', name: '' } },
    );
    await clock.advance(5_000);
    source.newest.end();
    await clock.settle();

    expect(source.newest.resourceVersion).toBe('11');
  });
});
