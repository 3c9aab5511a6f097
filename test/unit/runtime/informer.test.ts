import { expect, test } from 'vitest';

import { aThing, type Thing } from './fakes.ts';
import { aPage, refusal, startInformer } from './informerWorld.ts';

const two = aPage('10', [aThing('a', '1'), aThing('b', '2')]);

test('lists in pages and then watches from the version of the list', async () => {
  const { source, held, informer, changes } = await startInformer(
    aPage('10', [aThing('a', '1'), aThing('b', '2')], 'more'),
    aPage('10', [aThing('c', '3')]),
  );

  expect(source.lists.map(({ limit, continueToken }) => [limit, continueToken])).toEqual([
    [2, undefined],
    [2, 'more'],
  ]);
  expect(source.newest.resourceVersion).toBe('10');
  expect(held()).toEqual(['ns/a@1', 'ns/b@2', 'ns/c@3']);
  expect(changes).toEqual(['added ns/a@1 initial', 'added ns/b@2 initial', 'added ns/c@3 initial']);
  expect(informer.byIndex('color', 'red')).toHaveLength(3);
});

test('is synced after the first list, not before', async () => {
  const late = Promise.withResolvers<void>();
  const { informer, clock } = await startInformer(() => late.promise.then(() => two));
  expect(informer.hasSynced).toBe(false);

  late.resolve();
  await informer.synced;
  expect(informer.hasSynced).toBe(true);
  await clock.settle();
});

test('shows handlers a store that holds the whole list already', async () => {
  const { informer, source, clock } = await startInformer(two);
  const sizes: number[] = [];
  informer.onChange(() => sizes.push(informer.size));
  source.answer(aPage('20', [aThing('c', '11'), aThing('d', '12'), aThing('e', '13')]));
  source.newest.fail(refusal(410));
  await clock.settle();

  expect(new Set(sizes)).toEqual(new Set([3]));
});

test('follows what the watch tells', async () => {
  const { source, clock, held, changes, figures } = await startInformer(two);
  changes.length = 0;
  source.newest.send(
    { type: 'added', object: aThing('c', '11') },
    { type: 'modified', object: aThing('a', '12') },
    { type: 'deleted', object: aThing('b', '13') },
  );
  await clock.settle();

  expect(held()).toEqual(['ns/a@12', 'ns/c@11']);
  expect(changes).toEqual(['added ns/c@11', 'updated ns/a@12', 'deleted ns/b@13']);
  expect(figures).toMatchObject({ objects: 2, heardMs: 1_000_000 });
});

test('resumes where it was after the server closed a long watch', async () => {
  const { source, clock, held } = await startInformer(two);
  source.newest.send({ type: 'added', object: aThing('c', '11') });
  await clock.advance(60_000);
  source.newest.send({ type: 'bookmark', resourceVersion: '500' });
  await clock.advance(60_000);
  source.newest.end();
  await clock.settle();

  expect(source.lists).toHaveLength(1);
  expect(source.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(['10', '500']);
  expect(held()).toHaveLength(3);
});

test('does not resume in a loop when watches end at once', async () => {
  const { source, clock } = await startInformer(two);
  for (let i = 0; i < 4; i += 1) {
    source.newest.end();
    await clock.settle();
  }
  expect(source.watches).toHaveLength(1);

  await clock.advance(375);
  expect(source.watches).toHaveLength(2);
});

test('resumes after a dropped connection, waiting longer each time it is dropped in silence', async () => {
  const { source, clock } = await startInformer(two);
  for (const delayMs of [375, 750, 1_500, 3_000]) {
    const before = source.watches.length;
    source.newest.fail(new Error('socket hang up'));
    await clock.advance(delayMs - 1);
    expect(source.watches).toHaveLength(before);
    await clock.advance(1);
    expect(source.watches).toHaveLength(before + 1);
  }
  source.newest.send({ type: 'bookmark', resourceVersion: '20' });
  source.newest.fail(new Error('socket hang up'));
  await clock.advance(375);

  expect(source.watches).toHaveLength(6);
  expect(source.newest.resourceVersion).toBe('20');
  expect(source.lists).toHaveLength(1);
});

test('never waits longer than the cap and never gives up', async () => {
  const { source, clock, ended } = await startInformer(two);
  for (let i = 0; i < 50; i += 1) {
    source.newest.fail(new Error('socket hang up'));
    await clock.advance(30_000);
  }

  expect(source.watches).toHaveLength(51);
  expect(ended()).toBe(false);
});

test('lists again when the version is too old, and tells what vanished meanwhile', async () => {
  const { source, clock, held, changes, figures } = await startInformer(two);
  changes.length = 0;
  source.answer(aPage('30', [aThing('b', '25'), aThing('c', '26')]));
  source.newest.fail(refusal(410));
  await clock.settle();

  expect(held()).toEqual(['ns/b@25', 'ns/c@26']);
  expect(changes).toEqual(['updated ns/b@25', 'added ns/c@26', 'deleted ns/a@1']);
  expect(source.newest.resourceVersion).toBe('30');
  expect(figures.relists).toBe(1);
});

test('tells nothing about what a relist finds unchanged, and keeps the very object', async () => {
  const { source, clock, informer, changes } = await startInformer(two);
  const held = informer.get('ns', 'a');
  changes.length = 0;
  source.answer(aPage('30', [aThing('a', '1'), aThing('b', '2')]));
  source.newest.fail(refusal(410));
  await clock.settle();

  expect(changes).toEqual([]);
  expect(informer.get('ns', 'a')).toBe(held);
});

test('starts the list again when a continue token is too old', async () => {
  const { source, held } = await startInformer(
    aPage('10', [aThing('gone', '1')], 'more'),
    refusal(410),
    aPage('20', [aThing('a', '11')]),
  );

  expect(held()).toEqual(['ns/a@11']);
  expect(source.lists.map(({ continueToken }) => continueToken)).toEqual([
    undefined,
    'more',
    undefined,
  ]);
});

test('does not list in a loop when every version is too old', async () => {
  const { source, clock } = await startInformer(two, two, two, two);
  for (let i = 0; i < 2; i += 1) {
    source.newest.fail(refusal(410));
    await clock.settle();
  }
  expect(source.lists).toHaveLength(2);
  await clock.advance(375);
  expect(source.lists).toHaveLength(3);
});

test('lists again at once each time when the watch had worked in between', async () => {
  const { source, clock } = await startInformer(two, two, two);
  for (const lists of [2, 3]) {
    source.newest.send({ type: 'bookmark', resourceVersion: '20' });
    source.newest.fail(refusal(410));
    await clock.settle();
    expect(source.lists).toHaveLength(lists);
  }
});

test.each([
  { status: 429, retryAfterMs: 7_000, delayMs: 7_000 },
  { status: 503, retryAfterMs: 100, delayMs: 375 },
  { status: 500, retryAfterMs: undefined, delayMs: 375 },
  { status: 403, retryAfterMs: undefined, delayMs: 375 },
])('waits $delayMs ms after $status with Retry-After $retryAfterMs', async (row) => {
  const { source, clock } = await startInformer(refusal(row.status, row.retryAfterMs), two);
  await clock.advance(row.delayMs - 1);
  expect(source.lists).toHaveLength(1);
  await clock.advance(1);
  expect(source.lists).toHaveLength(2);
  expect(source.watches).toHaveLength(1);
});

test('lists again when a version is refused over and over: a restored etcd may not know it', async () => {
  const { source, clock, held } = await startInformer(two, aPage('5', [aThing('a', '1')]));
  for (let i = 0; i < 5; i += 1) {
    source.newest.fail(refusal(504));
    await clock.advance(30_000);
  }

  expect(held()).toEqual(['ns/a@1']);
  expect(source.newest.resourceVersion).toBe('5');
});

test('gives up a page that does not come', async () => {
  const { source, clock, held } = await startInformer(
    () => hangUntilAborted(source.lists[0]?.signal),
    two,
  );
  await clock.advance(180_000 + 1_000);

  expect(held()).toHaveLength(2);
});

test('goes on when a handler throws, with the handlers after it too', async () => {
  const { informer, source, clock, held, log } = await startInformer(two);
  informer.onChange(() => {
    throw new Error('handler broke');
  });
  const heard: string[] = [];
  informer.onChange(({ object }) => heard.push(object.metadata.name));
  source.newest.send({ type: 'added', object: aThing('c', '11') });
  source.newest.send({ type: 'added', object: aThing('d', '12') });
  await clock.settle();

  expect(heard).toEqual(['c', 'd']);
  expect(held()).toHaveLength(4);
  expect(log.lines).toContainEqual(
    expect.objectContaining({ level: 'error', name: 'c', errorText: 'handler broke' }),
  );
});

test.each(['while it watches', 'while it waits', 'while it lists'])(
  'ends when it is told to, %s',
  async (when) => {
    const hangs = () => hangUntilAborted(world.source.lists[0]?.signal);
    const first = { 'while it watches': two, 'while it waits': refusal(500) }[when] ?? hangs;
    const world = await startInformer(first);
    expect(world.ended()).toBe(false);
    world.stop.abort();
    await world.clock.settle();

    expect(world.ended()).toBe(true);
    expect(world.clock.pending).toBe(0);
  },
);

function hangUntilAborted(signal: AbortSignal | undefined): Promise<{
  readonly items: readonly Thing[];
  readonly resourceVersion: string;
}> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('aborted')));
  });
}
