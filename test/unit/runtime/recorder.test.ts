import { expect, test } from 'vitest';

import { type EventClient, type EventNote, KubeApiError } from '../../../src/ports/kube.ts';
import { createRecorder, type RecorderLimits } from '../../../src/runtime/recorder.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { createMemoryLog } from './fakes.ts';

function aNote(note: string, name = 'a'): EventNote {
  const subject = { apiVersion: 'v1', kind: 'Thing', namespace: 'ns', name, uid: `uid-${name}` };
  return { subject, type: 'Warning', reason: 'Broken', action: 'Fetch', note };
}

function setUp(limits: Partial<RecorderLimits> = {}) {
  const clock = createManualClock(1_000_000);
  const log = createMemoryLog();
  /** "create uid-a broken", "repeat event-1 x3", in the order they came. */
  const writes: string[] = [];
  const faults: Error[] = [];
  const gate = { open: Promise.resolve() };
  const answer = async (write: string): Promise<void> => {
    writes.push(write);
    await gate.open;
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
  };
  const client: EventClient = {
    create: async ({ subject, note }) => {
      await answer(`create ${subject.uid} ${note}`);
      return `event-${writes.length}`;
    },
    repeat: (namespace, eventName, count) => answer(`repeat ${namespace}/${eventName} x${count}`),
  };
  const recorder = createRecorder({ client, clock, log, limits });
  return { clock, log, writes, faults, gate, recorder };
}

test('makes an Event for each different note', async () => {
  const { recorder, clock, writes } = setUp();
  recorder.record(aNote('one'));
  recorder.record(aNote('two'));
  recorder.record(aNote('one', 'b'));
  await clock.settle();

  expect(writes).toEqual(['create uid-a one', 'create uid-a two', 'create uid-b one']);
});

test('raises a count instead of making the same Event again, at most once a minute', async () => {
  const { recorder, clock, writes } = setUp();
  for (let i = 0; i < 13; i += 1) {
    recorder.record(aNote('one'));
    await clock.advance(10_000);
  }

  expect(writes).toEqual(['create uid-a one', 'repeat ns/event-1 x7', 'repeat ns/event-1 x13']);
});

test('makes a new Event when the same note comes again after ten quiet minutes', async () => {
  const { recorder, clock, writes } = setUp();
  recorder.record(aNote('one'));
  await clock.advance(600_001);
  recorder.record(aNote('one'));
  await clock.settle();

  expect(writes).toEqual(['create uid-a one', 'create uid-a one']);
});

test('makes a new Event when the old one has expired', async () => {
  const { recorder, clock, writes, faults } = setUp();
  recorder.record(aNote('one'));
  await clock.advance(60_000);
  faults.push(new KubeApiError({ status: 404, reason: 'NotFound', message: 'gone' }));
  recorder.record(aNote('one'));
  await clock.advance(60_000);
  recorder.record(aNote('one'));
  await clock.settle();

  expect(writes).toEqual([
    'create uid-a one',
    'repeat ns/event-1 x2',
    'create uid-a one',
    'repeat ns/event-3 x2',
  ]);
});

test('lets a flapping object write 25 times, then once in five minutes; others are free', async () => {
  const { recorder, clock, writes } = setUp();
  for (let i = 0; i < 100; i += 1) recorder.record(aNote(`note ${i}`));
  recorder.record(aNote('one', 'b'));
  await clock.settle();
  expect(writes).toHaveLength(26);

  await clock.advance(300_000);
  for (let i = 100; i < 200; i += 1) recorder.record(aNote(`note ${i}`));
  await clock.settle();
  expect(writes.slice(26)).toEqual(['create uid-a note 100']);
});

test('logs a write that failed, and tries again with the next note', async () => {
  const { recorder, clock, writes, faults, log } = setUp();
  faults.push(new Error('unreachable'));
  recorder.record(aNote('one'));
  await clock.settle();
  recorder.record(aNote('one'));
  await clock.settle();

  expect(writes).toEqual(['create uid-a one', 'create uid-a one']);
  expect(log.lines).toEqual([expect.objectContaining({ level: 'warn', errorText: 'unreachable' })]);
});

test('writes a few at once, keeps a bounded number waiting and drops the rest', async () => {
  const { recorder, clock, writes, gate } = setUp({ concurrency: 2, waiting: 3 });
  const opened = Promise.withResolvers<void>();
  gate.open = opened.promise;
  for (let i = 0; i < 10; i += 1) recorder.record(aNote('one', `thing-${i}`));
  await clock.settle();
  expect(writes).toHaveLength(2);

  opened.resolve();
  await clock.settle();
  expect(writes).toHaveLength(5);
});

test('forgets the series that was not repeated for the longest', async () => {
  const { recorder, clock, writes } = setUp({ remembered: 2 });
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) recorder.record(aNote('one', name));
  await clock.settle();

  expect(writes).toEqual(['a', 'b', 'c', 'b'].map((name) => `create uid-${name} one`));
});

test.each(['x', 'ä', '€', '😀'])(
  'cuts a note of too many bytes, within no character: %s',
  async (character) => {
    const { recorder, clock, writes } = setUp();
    recorder.record(aNote(`-${character.repeat(2_000)}`));
    recorder.record(aNote('y'.repeat(1_024)));
    await clock.settle();

    const [cut = '', whole = ''] = writes.map((write) => write.replace('create uid-a ', ''));
    expect(cut).toMatch(new RegExp(`^-(${character})+…$`, 'u'));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1_024);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(1_015);
    expect(whole).toBe('y'.repeat(1_024));
  },
);

test('writes at a stop what still waits', async () => {
  const { recorder, clock, writes, gate } = setUp({ concurrency: 1 });
  const closed = Promise.withResolvers<void>();
  gate.open = closed.promise;
  const stop = new AbortController();
  let ended = false;
  const running = recorder.run(stop.signal).then(() => (ended = true));
  for (const note of ['one', 'two', 'three']) recorder.record(aNote(note));
  stop.abort();
  await clock.settle();
  expect(ended).toBe(false);

  closed.resolve();
  await running;
  expect(writes).toEqual(['create uid-a one', 'create uid-a two', 'create uid-a three']);
});

test('waits for no more than three seconds at a stop, and says what was lost', async () => {
  const { recorder, clock, writes, gate, log } = setUp({ concurrency: 1 });
  gate.open = new Promise(() => {});
  const running = recorder.run(AbortSignal.abort());
  for (const note of ['one', 'two', 'three']) recorder.record(aNote(note));
  await clock.settle();
  const again = recorder.run(AbortSignal.abort());
  await clock.advance(3_000);
  await Promise.all([running, again]);

  expect(writes).toEqual(['create uid-a one']);
  expect(log.lines).toContainEqual(expect.objectContaining({ events: 2 }));
});

test('ends at once at a stop with nothing to write', async () => {
  const { recorder, clock } = setUp();
  await recorder.run(AbortSignal.abort());

  expect(clock.pending).toBe(0);
});
