import { describe, expect, test } from 'vitest';
import { aThing } from './fakes.ts';
import { aPage, refusal, startInformer } from './informerWorld.ts';

const two = aPage('10', [aThing('a', '1'), aThing('b', '2')]);
const three = aPage('40', [aThing('a', '1'), aThing('b', '2'), aThing('c', '30')]);

describe('a watch that falls silent', () => {
  test('after it said something: all is listed anew', async () => {
    const { source, clock, held } = await startInformer(two, three);
    await clock.advance(100_000);
    source.newest.send({ type: 'bookmark', resourceVersion: '40' });
    await clock.advance(179_999);
    expect(source.newest.signal.aborted).toBe(false);

    await clock.advance(1);
    expect(source.watches[0]?.signal.aborted).toBe(true);
    await clock.advance(1_000);
    expect(source.lists).toHaveLength(2);
    expect(source.newest.resourceVersion).toBe('40');
    expect(held()).toContain('ns/c@30');
  });

  test('without a word from the first moment on: all is listed anew', async () => {
    const { source, clock, held } = await startInformer(two, three);
    await clock.advance(179_999);
    expect(source.newest.signal.aborted).toBe(false);

    await clock.advance(1_001);
    expect(source.watches[0]?.signal.aborted).toBe(true);
    expect(source.lists).toHaveLength(2);
    expect(held()).toContain('ns/c@30');
  });

  test('each time: once in three minutes', async () => {
    const { source, clock } = await startInformer(two, ...Array.from({ length: 20 }, () => two));
    await clock.advance(3_600_000);

    expect(source.lists.length).toBeGreaterThan(16);
    expect(source.lists.length).toBeLessThan(21);
  });
});

describe('after etcd was restored from a backup', () => {
  test('a resourceVersion that the API server has not reached is not watched: all is listed anew', async () => {
    const { source, clock, held, changes } = await startInformer(
      two,
      aPage('7', [aThing('c', '6')]),
    );
    changes.length = 0;
    source.reached = '7';
    source.newest.fail(new Error('socket hang up'));
    await clock.advance(1_000);

    expect(source.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(['10', '7']);
    expect(held()).toEqual(['ns/c@6']);
    expect(changes).toEqual(['added ns/c@6', 'deleted ns/a@1', 'deleted ns/b@2']);
  });

  test('the same resourceVersion is not taken for the same state', async () => {
    const repainted = aThing('b', '2', { color: 'blue' });
    const { source, clock, informer } = await startInformer(two, aPage('7', [repainted]));
    source.reached = '7';
    source.newest.fail(new Error('socket hang up'));
    await clock.advance(1_000);

    expect(informer.get('ns', 'b')?.color).toBe('blue');
  });

  test('what happens next is seen', async () => {
    const { source, clock, held } = await startInformer(two, aPage('7', [aThing('a', '1')]));
    source.reached = '7';
    source.newest.end();
    await clock.advance(1_000);
    source.newest.send({ type: 'added', object: aThing('d', '8') });
    await clock.settle();

    expect(held()).toEqual(['ns/a@1', 'ns/d@8']);
  });
});

describe('a watch that is resumed', () => {
  test.each(['10', '11', '100'])('goes on when the API server has reached %s', async (reached) => {
    const { source, clock } = await startInformer(two);
    source.reached = reached;
    source.newest.fail(new Error('socket hang up'));
    await clock.advance(1_000);

    expect(source.probes).toHaveLength(1);
    expect(source.lists).toHaveLength(1);
    expect(source.newest.resourceVersion).toBe('10');
  });

  test('is not begun while the API server does not say what it has reached', async () => {
    const { source, clock } = await startInformer(two);
    source.reached = refusal(503);
    source.newest.fail(new Error('socket hang up'));
    await clock.advance(1_000);
    expect(source.watches).toHaveLength(1);

    source.reached = '10';
    await clock.advance(1_000);
    expect(source.watches.length).toBe(2);
  });

  test('is not probed right after a list', async () => {
    const { source } = await startInformer(two);
    expect(source.probes).toEqual([]);
  });
});
