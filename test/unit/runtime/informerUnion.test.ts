import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InformerMetrics } from '../../../src/ports/metrics.ts';
import { createInformer, type Informer } from '../../../src/runtime/informer.ts';
import { createInformerUnion, withSummedObjects } from '../../../src/runtime/informerUnion.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { aThing, createMemoryLog, evenRandom, type Thing } from './fakes.ts';
import { aPage, show } from './informerWorld.ts';
import { createScriptedSource, type ScriptedSource } from './scriptedSource.ts';

const namespaces = ['shop', 'stock'] as const;
let clock: ManualClock;
let sources: Record<(typeof namespaces)[number], ScriptedSource<Thing>>;
let union: Informer<Thing>;
let counts: number[];
let stop: AbortController;
let changes: string[];

beforeEach(() => {
  clock = createManualClock(1_000_000);
  sources = { shop: createScriptedSource<Thing>(), stock: createScriptedSource<Thing>() };
  counts = [];
  changes = [];
  stop = new AbortController();
  const metrics: InformerMetrics = {
    relisted: () => {},
    unreadable: () => {},
    heard: () => {},
    objects: (_, count) => counts.push(count),
  };
  const share = withSummedObjects(metrics);
  const parts = namespaces.map((namespace) => ({
    namespace,
    informer: createInformer({
      source: sources[namespace],
      indexes: { color: (thing: Thing) => [thing.color] },
      clock,
      random: evenRandom,
      log: createMemoryLog(),
      metrics: share(),
    }),
  }));
  union = createInformerUnion('things', parts);
  union.onChange(({ type, object }) => changes.push(`${type} ${show(object)}`));
});

afterEach(() => stop.abort(new Error('the test is over')));

/** The signal is aborted at the end of the test, or before. */
async function start(): Promise<{ readonly ended: () => boolean }> {
  let ended = false;
  union.run(stop.signal).then(
    () => (ended = true),
    () => changes.push('run failed'),
  );
  await clock.settle();
  return { ended: () => ended };
}

async function startBoth(): Promise<void> {
  sources.shop.answer(aPage('5', [aThing('a', '1', { namespace: 'shop' })]));
  sources.stock.answer(aPage('7', [aThing('a', '1', { namespace: 'stock' })]));
  await start();
}

describe('informers of two namespaces as one', () => {
  test('are synced when both are', async () => {
    sources.shop.answer(aPage('5', []));
    sources.stock.answer(new Error('not yet'));
    await start();

    expect(union.hasSynced).toBe(false);

    sources.stock.answer(aPage('7', []));
    await clock.advance(60_000);

    expect(union.hasSynced).toBe(true);
    await union.synced;
  });

  test('hold what is in both, and count it together', async () => {
    await startBoth();

    expect(union.list().map(show)).toEqual(union.byIndex('color', 'red').map(show));
    expect(union.list().map(({ metadata }) => metadata.namespace)).toEqual(namespaces);
    expect(union.get('stock', 'a')?.metadata.namespace).toBe('stock');
    expect(union.get('other', 'a')).toBeUndefined();
    expect([union.size, counts.at(-1), changes.length]).toEqual([2, 2, 2]);
  });

  test('take over own writes where they belong', async () => {
    await startBoth();

    union.upsert(aThing('b', '8', { namespace: 'stock' }));
    const [shop] = union.list();
    union.remove('shop', 'a', shop?.metadata.uid ?? '');

    expect(union.list().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'stock/a',
      'stock/b',
    ]);
    expect(counts.at(-1)).toBe(2);
  });

  test('run until they are stopped, and not longer', async () => {
    sources.shop.answer(aPage('5', []));
    sources.stock.answer(aPage('7', []));
    const { ended } = await start();
    expect(ended()).toBe(false);

    stop.abort(new Error('stop'));
    await clock.settle();

    expect(ended()).toBe(true);
  });
});

test('informers of no namespace are synced and empty, and run until they are stopped', async () => {
  union = createInformerUnion<Thing>('things', []);
  const { ended } = await start();
  await union.synced;

  expect([union.hasSynced, union.size, union.list(), ended()]).toEqual([true, 0, [], false]);

  stop.abort(new Error('stop'));
  await clock.settle();

  expect(ended()).toBe(true);
});
