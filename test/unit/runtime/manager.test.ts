import { expect, test } from 'vitest';

import type { Controller } from '../../../src/runtime/controller.ts';
import type { LeaderCallbacks, LeaderElection } from '../../../src/runtime/leaderElection.ts';
import { createManager, type ExitReason, type Part } from '../../../src/runtime/manager.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { createMemoryLog } from './fakes.ts';

function setUp({ withElection = true, drains = true } = {}) {
  const clock = createManualClock(0);
  /** What happened, in order. */
  const story: string[] = [];
  const synced = Promise.withResolvers<void>();
  const partFails = Promise.withResolvers<void>();
  const part = (name: string): Part => ({
    name,
    run: async (signal) => {
      story.push(`${name} runs`);
      await Promise.race([
        aborted(signal),
        name === 'feed' ? partFails.promise : new Promise(() => {}),
      ]);
      story.push(`${name} ended`);
    },
  });
  const informer = {
    resource: 'things',
    synced: synced.promise,
    run: (signal: AbortSignal) => part('informer').run(signal),
  };
  const controller: Controller = {
    name: 'things',
    start: () => void story.push('controller starts'),
    longestRunMs: () => 0,
    stop: async ({ graceMs }) => {
      story.push(`controller stops within ${graceMs}`);
      return drains;
    },
  };
  const ended = Promise.withResolvers<'lost' | 'aborted'>();
  let callbacks: LeaderCallbacks | undefined;
  const election: LeaderElection = {
    run: async (_, given) => {
      story.push('stands by');
      callbacks = given;
      return await ended.promise;
    },
    release: async () => void story.push('lease released'),
    isLeading: () => false,
  };
  const log = createMemoryLog();
  const manager = createManager({
    informers: [informer],
    leaderParts: [part('feed')],
    controllers: [controller],
    graceMs: 20_000,
    clock,
    log,
    prepare: () => void story.push('queue filled'),
    ...(withElection ? { election } : {}),
  });
  const stop = new AbortController();
  const exits: ExitReason[] = [];
  manager.run(stop.signal).then(
    (reason) => exits.push(reason),
    () => story.push('threw'),
  );
  const sync = async (): Promise<void> => {
    synced.resolve();
    await clock.settle();
  };
  const lead = async (): Promise<void> => {
    callbacks?.onStartedLeading();
    await clock.settle();
  };
  const lose = async (): Promise<void> => {
    callbacks?.onStoppedLeading();
    await clock.settle();
  };
  return { clock, story, manager, stop, exits, partFails, synced, sync, lead, lose, log };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
}

const started = ['informer runs', 'queue filled', 'stands by', 'controller starts', 'feed runs'];

test('starts informers, waits until they are synced, then for leadership, then the controllers', async () => {
  const { story, manager, clock, sync, lead } = setUp();
  await clock.settle();
  expect(story).toEqual(['informer runs']);
  expect(manager.ready()).toBe(false);

  await sync();
  expect(story).toEqual(['informer runs', 'queue filled', 'stands by']);
  expect(manager.ready()).toBe(true);

  await lead();
  expect(story).toEqual(started);
});

test('leads at once without an election', async () => {
  const { story, sync } = setUp({ withElection: false });
  await sync();

  expect(story).toEqual(['informer runs', 'queue filled', 'controller starts', 'feed runs']);
});

test('stops in reverse: controllers drain, the lease is released, informers end', async () => {
  const { story, manager, stop, exits, clock, sync, lead } = setUp();
  await sync();
  await lead();
  stop.abort();
  await clock.settle();

  expect(story.slice(started.length)).toEqual([
    'controller stops within 20000',
    'feed ended',
    'lease released',
    'informer ended',
  ]);
  expect(exits).toEqual([{ reason: 'stopped' }]);
  expect(manager.ready()).toBe(false);
  expect(clock.pending).toBe(0);
});

test('keeps the lease when work would not end', async () => {
  const { story, stop, exits, clock, sync, lead } = setUp({ drains: false });
  await sync();
  await lead();
  stop.abort();
  await clock.settle();

  expect(story).not.toContain('lease released');
  expect(exits).toEqual([{ reason: 'stopped' }]);
});

test('gives nothing time to finish when leadership is lost', async () => {
  const { story, exits, sync, lead, lose } = setUp();
  await sync();
  await lead();
  await lose();

  expect(story).toContain('controller stops within 0');
  expect(exits).toEqual([{ reason: 'leadershipLost' }]);
});

test('ends with the error of a part that fails', async () => {
  const { exits, clock, sync, lead, partFails, story } = setUp();
  await sync();
  await lead();
  const error = new Error('feed broke');
  partFails.reject(error);
  await clock.settle();

  expect(exits).toEqual([{ reason: 'failed', part: 'feed', error }]);
  expect(story).toContain('lease released');
});

test('takes a part that ends by itself for a failure', async () => {
  const { exits, clock, sync, lead, partFails } = setUp();
  await sync();
  await lead();
  partFails.resolve();
  await clock.settle();

  expect(exits).toMatchObject([{ reason: 'failed', part: 'feed' }]);
});

test('stops while it is still waiting for the informers', async () => {
  const { exits, clock, stop, story, sync } = setUp();
  await clock.settle();
  stop.abort();
  await clock.settle();
  await sync();

  expect(exits).toEqual([{ reason: 'stopped' }]);
  expect(story).not.toContain('controller starts');
});

test('starts nothing when it becomes the leader during the stop', async () => {
  const { clock, stop, story, sync, lead } = setUp();
  await sync();
  stop.abort();
  await lead();
  await clock.settle();

  expect(story).not.toContain('controller starts');
});
