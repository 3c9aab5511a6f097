import { describe, expect, test } from 'vitest';
import { createInformer } from '../../../src/runtime/informer.ts';
import { createInformerUnion } from '../../../src/runtime/informerUnion.ts';
import { controllerChecks, firstHanging, informerChecks } from '../../../src/wire/health.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { createMemoryLog, evenRandom, type Thing } from '../runtime/fakes.ts';
import { createScriptedSource } from '../runtime/scriptedSource.ts';

const metrics = {
  relisted: () => {},
  objects: () => {},
  heard: () => {},
  unreadable: () => {},
};

function world() {
  const clock = createManualClock(0);
  const source = createScriptedSource<Thing>();
  const deps = { clock, random: evenRandom, log: createMemoryLog(), metrics };
  const informer = createInformer({ source, ...deps });
  const hanging = () => firstHanging(informerChecks([informer]));
  return { clock, source, informer, hanging, stop: new AbortController() };
}

function unexpected(thrown: unknown): never {
  throw thrown;
}

describe('an informer', () => {
  test('that waits for an answer which never comes, and heeds no signal, hangs', async () => {
    const { clock, source, informer, hanging, stop } = world();
    source.answer(() => new Promise(() => {}));
    informer.run(stop.signal).catch(unexpected);
    await clock.advance(600_000);
    expect(hanging()).toBeUndefined();

    await clock.advance(12_000);
    expect(hanging()).toBe('informer things has made no progress for 612 s');
  });

  test('that never hears of anything does not hang, since it lists anew', async () => {
    const { clock, source, informer, hanging, stop } = world();
    source.answer(...Array.from({ length: 50 }, () => ({ items: [], resourceVersion: '1' })));
    informer.run(stop.signal).catch(unexpected);
    for (let minute = 0; minute < 120; minute += 1) {
      await clock.advance(60_000);
      expect(hanging()).toBeUndefined();
    }
  });

  test('does not hang while the API server is down, or is left alone for as long as it asks', async () => {
    const { clock, source, informer, hanging, stop } = world();
    source.reached = new Error('connect ECONNREFUSED');
    source.answer(...Array.from({ length: 9_000 }, () => new Error('connect ECONNREFUSED')));
    informer.run(stop.signal).catch(unexpected);
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(60_000);
      expect(hanging()).toBeUndefined();
    }
  });

  test('does not hang before it runs', async () => {
    const { clock, hanging } = world();
    await clock.advance(3_600_000);

    expect(hanging()).toBeUndefined();
  });

  test('of many namespaces hangs with one of them', async () => {
    const { clock, source, informer, stop } = world();
    source.answer(() => new Promise(() => {}));
    const union = createInformerUnion('things', [{ namespace: 'ns', informer }]);
    union.run(stop.signal).catch(unexpected);
    await clock.advance(700_000);

    expect(firstHanging(informerChecks([union]))).toContain('things');
  });
});

test('nothing hangs when there is nothing to look at', () => {
  expect(firstHanging([])).toBeUndefined();
  expect(firstHanging(informerChecks([createInformerUnion<Thing>('things', [])]))).toBeUndefined();
});

test.each([
  [600_000, undefined],
  [601_000, 'a reconcile of controller vaultsecret has run for 601 s'],
])('a reconcile that has run for %i ms: %s', (runMs, expected) => {
  const controllers = [
    { name: 'vaultconnection', longestRunMs: () => 0 },
    { name: 'vaultsecret', longestRunMs: () => runMs },
  ];
  expect(firstHanging(controllerChecks(controllers))).toBe(expected);
});
