import { expect, test } from 'vitest';

import { createLeaderElection } from '../../../src/runtime/leaderElection.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { createMemoryLog, evenRandom } from './fakes.ts';
import { createLeaseServer } from './leaseServer.ts';
import { setUpReplicas } from './replicas.ts';

test('takes a Lease that does not exist, and renews it', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  expect(a.election.isLeading()).toBe(true);
  expect(a.story).toEqual(['started']);
  expect(server.lease).toMatchObject({ holder: 'a', durationSeconds: 15, transitions: 1 });

  await advance(60_000);
  expect(a.election.isLeading()).toBe(true);
  expect(server.writes).toBe(21);
});

test('stands by while another replica renews, however different its clock is', async () => {
  const { server, start, advance } = setUpReplicas();
  await start('a');
  const b = await start('b');
  await advance(120_000);

  expect(b.story).toEqual([]);
  expect(server.holders).toEqual(['a']);
});

test('takes over at once when the leader releases', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  const b = await start('b');
  await advance(10_000);
  await a.election.release();
  await advance(50);

  expect(a.story).toEqual(['started', 'aborted']);
  expect(b.election.isLeading()).toBe(true);
  expect(server.holders).toEqual(['a', '', 'b']);
});

test('releases with a short duration, once', async () => {
  const { server, start } = setUpReplicas();
  const a = await start('a');
  await a.election.release();
  await a.election.release();

  expect(server.lease).toMatchObject({ holder: '', durationSeconds: 1 });
  expect(server.writes).toBe(2);
  expect(a.clock.pending).toBe(0);
});

test.each([
  ['gives the Lease back when it was stored', true],
  ['leaves it to another who was faster', false],
])('one that is stopped before the answer to its first write comes %s', async (_, isStored) => {
  const { server, start } = setUpReplicas();
  const a = await start('a', 'refuses');
  a.client.fault = 'none';
  const stored = server.connect();
  a.client.create = async (write, signal) => {
    await stored.create({ ...write, holder: isStored ? 'a' : 'b' }, signal);
    return new Promise((__, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  };
  await a.clock.advance(3_000);
  expect(server.lease?.holder).toBe(isStored ? 'a' : 'b');
  await a.election.release();
  await a.election.release();

  expect(server.holders).toEqual(isStored ? ['a', ''] : ['b']);
  expect(a.story).toEqual(['aborted']);
});

test('keeps renewing until released, and not after its signal is aborted', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  a.stop.abort();
  await advance(60_000);

  expect(a.story).toEqual(['started', 'aborted']);
  expect(server.writes).toBe(1);
  await a.election.release();
  expect(server.lease?.holder).toBe('');
});

test('takes over from a leader that vanished, a lease duration after its last renewal', async () => {
  const { start, advance } = setUpReplicas();
  const a = await start('a');
  const b = await start('b');
  await advance(4_000);
  a.stop.abort();

  await advance(13_900);
  expect(b.election.isLeading()).toBe(false);
  await advance(200);
  expect(b.election.isLeading()).toBe(true);
});

test.each(['refuses', 'hangs'] as const)(
  'stops leading before another can begin when the API server %s',
  async (fault) => {
    const { server, start, advance } = setUpReplicas();
    const a = await start('a');
    const b = await start('b');
    await advance(1_000);
    a.client.fault = fault;

    await advance(8_900);
    expect(a.story).toEqual(['started']);
    await advance(150);
    expect(a.story).toEqual(['started', 'stopped', 'lost']);
    await advance(4_800);
    expect(b.election.isLeading()).toBe(false);
    await advance(300);
    expect(b.election.isLeading()).toBe(true);
    expect(server.holders).toEqual(['a', 'b']);
  },
);

test('leads on after an outage shorter than the deadline', async () => {
  const { start, advance } = setUpReplicas();
  const a = await start('a');
  a.client.fault = 'refuses';
  await advance(8_000);
  a.client.fault = 'none';
  await advance(60_000);

  expect(a.story).toEqual(['started']);
});

test('recognizes its own renewal whose answer was lost', async () => {
  const { start, advance } = setUpReplicas();
  const a = await start('a');
  a.client.fault = 'loses answers';
  await advance(4_000);
  a.client.fault = 'none';
  await advance(60_000);

  expect(a.story).toEqual(['started']);
});

test('stops at once when it finds another holder in the Lease', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  const { lease } = server;
  if (lease !== undefined) server.set({ ...lease, holder: 'x', resourceVersion: '999' });
  await advance(3_050);

  expect(a.story).toEqual(['started', 'stopped', 'lost']);
  expect(server.lease?.holder).toBe('x');
});

test('makes the Lease anew when somebody deleted it', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  server.set(undefined);
  await advance(3_050);

  expect(a.story).toEqual(['started']);
  expect(server.lease?.holder).toBe('a');
});

test('stays the only leader when the Lease is deleted while another stands by', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  const b = await start('b');
  await advance(5_000);
  server.set(undefined);
  await advance(30_000);

  expect([a.story, b.story]).toEqual([['started'], []]);
  expect(server.lease?.holder).toBe('a');
});

test('takes a deleted Lease once its holder would have renewed it', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  const b = await start('b');
  await advance(5_000);
  a.client.fault = 'refuses';
  server.set(undefined);
  await advance(14_000);
  expect(b.story).toEqual([]);
  await advance(3_000);
  expect(b.story).toEqual(['started']);
});

test('polls while the Lease cannot be watched', async () => {
  const { start, advance } = setUpReplicas();
  const a = await start('a');
  const b = await start('b', 'cannot watch');
  await advance(60_000);
  expect(b.story).toEqual([]);

  await a.election.release();
  await advance(2_000);
  expect(b.election.isLeading()).toBe(true);
});

test('ends while it stands by, and leaves no timer behind', async () => {
  const { start, advance } = setUpReplicas();
  await start('a');
  const b = await start('b');
  await advance(5_000);
  b.stop.abort();
  await b.clock.settle();

  expect(b.story).toEqual(['aborted']);
  expect(b.clock.pending).toBe(0);
});

test('stands by through an outage of the API server', async () => {
  const { server, start, advance } = setUpReplicas();
  const a = await start('a');
  const b = await start('b', 'refuses');
  await advance(60_000);
  b.client.fault = 'none';
  await advance(2_000);
  await a.election.release();
  await advance(100);

  expect(b.election.isLeading()).toBe(true);
  expect(server.holders).toEqual(['a', '', 'b']);
});

test('is not fooled by a jump of the wall clock', async () => {
  const { server, start, advance } = setUpReplicas();
  await start('a');
  const b = await start('b');
  b.clock.step(3_600_000);
  await advance(30_000);

  expect(server.holders).toEqual(['a']);
});

test('refuses times with which two replicas could lead at once', () => {
  const clock = createManualClock(0);
  const client = createLeaseServer().connect();
  const metrics = { leading: () => {} };
  const deps = {
    client,
    identity: 'a',
    clock,
    random: evenRandom,
    log: createMemoryLog(),
    metrics,
  };

  expect(() => createLeaderElection({ ...deps, timings: { renewDeadlineMs: 15_000 } })).toThrow(
    RangeError,
  );
});
