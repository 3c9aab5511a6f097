import { expect, test } from 'vitest';

import type { LaneGate, Ticket } from '../../../src/ports/lanes.ts';
import { createLanes } from '../../../src/runtime/lanes.ts';
import { createManualClock } from '../../support/manualClock.ts';

/** A gate that lets so many keys of each host run at once, and no key of a host that is closed. */
function setUp(perHost = 1) {
  const clock = createManualClock(0);
  const admitted: string[] = [];
  const closed = new Map<string, number>();
  const gate: LaneGate = {
    waitMs: (host, { keys }) => closed.get(host) ?? (keys < perHost ? 0 : 60_000),
  };
  const lanes = createLanes({ clock, gate, admitted: (key) => admitted.push(key) });
  return { clock, admitted, closed, lanes };
}

function aTicket(requestKey: string, change: Partial<Ticket> = {}): Ticket {
  return { requestKey, host: 'a', requests: 1, priority: 0, ...change };
}

test('a key goes on at once when its host has room, and may ask again until it leaves', () => {
  const { lanes, admitted } = setUp();
  expect(lanes.enter(aTicket('shop/one'))).toBe(true);
  expect(lanes.enter(aTicket('shop/one'))).toBe(true);
  expect(lanes.enter(aTicket('shop/two'))).toBe(false);
  expect(lanes.enter(aTicket('shop/other', { host: 'b' }))).toBe(true);
  expect(admitted).toEqual([]);
});

test('a key that waited goes on at the priority that it waited with, the highest of several', () => {
  const clock = createManualClock(0);
  const admitted: [string, number][] = [];
  let waitMs = 60_000;
  const lanes = createLanes({
    clock,
    gate: { waitMs: () => waitMs },
    admitted: (key, priority) => admitted.push([key, priority]),
  });
  lanes.enter(aTicket('shop/refresh', { priority: -100 }));
  lanes.enter(aTicket('shop/edited', { priority: -100 }));
  lanes.enter(aTicket('shop/edited', { priority: 100 }));
  waitMs = 0;
  lanes.leave('shop/none');
  lanes.enter(aTicket('shop/new', { host: 'b' }));
  lanes.enter(aTicket('shop/last'));

  expect(admitted).toEqual([
    ['shop/edited', 100],
    ['shop/last', 0],
    ['shop/refresh', -100],
  ]);
});

test('a key that waited is admitted when another leaves, and then goes on', () => {
  const { lanes, admitted } = setUp();
  lanes.enter(aTicket('shop/one'));
  lanes.enter(aTicket('shop/two'));
  lanes.leave('shop/one');
  expect(admitted).toEqual(['shop/two']);
  expect(lanes.enter(aTicket('shop/two'))).toBe(true);
});

test('namespaces take turns, and a higher priority goes first', () => {
  const { lanes, admitted } = setUp();
  lanes.enter(aTicket('first/0'));
  for (const key of ['many/0', 'many/1', 'many/2', 'few/0']) lanes.enter(aTicket(key));
  lanes.enter(aTicket('late/0', { priority: 100 }));
  for (let key = 'first/0'; admitted.length < 5; key = admitted.at(-1) ?? '') lanes.leave(key);
  expect(admitted).toEqual(['late/0', 'many/0', 'few/0', 'many/1', 'many/2']);
});

test('a key that comes new does not pass those that wait', () => {
  const { lanes, closed, admitted, clock } = setUp(5);
  closed.set('a', 1_000);
  lanes.enter(aTicket('shop/waits'));
  closed.delete('a');
  expect(lanes.enter(aTicket('shop/new'))).toBe(false);
  expect(admitted).toEqual(['shop/waits', 'shop/new']);
  expect(clock.pending).toBe(0);
});

test('a lane that is closed for a time opens again, whatever the wall clock does', async () => {
  const { lanes, closed, admitted, clock } = setUp();
  closed.set('a', 1_000);
  lanes.enter(aTicket('shop/one'));
  clock.step(-86_400_000);
  await clock.advance(999);
  expect(admitted).toEqual([]);
  closed.delete('a');
  await clock.advance(1);
  expect(admitted).toEqual(['shop/one']);
});

test('a key that needs its host no more makes room, also for a host that it names instead', () => {
  const { lanes, admitted } = setUp();
  lanes.enter(aTicket('shop/one'));
  lanes.enter(aTicket('shop/two'));
  lanes.enter(aTicket('shop/three'));
  lanes.leave('shop/two');
  expect(lanes.enter(aTicket('shop/one', { host: 'b' }))).toBe(true);
  expect(admitted).toEqual(['shop/three']);
});

test('an edit brings a key that waits forward, and another number of requests counts', () => {
  const { lanes, admitted } = setUp();
  lanes.enter(aTicket('shop/first'));
  lanes.enter(aTicket('shop/waits'));
  lanes.enter(aTicket('shop/edited'));
  lanes.enter(aTicket('shop/edited', { priority: 100, requests: 7 }));
  lanes.leave('shop/first');
  expect(admitted).toEqual(['shop/edited']);
});

test('says for how long the keys of each priority wait, at most', async () => {
  const { lanes, clock } = setUp();
  lanes.enter(aTicket('shop/first'));
  lanes.enter(aTicket('shop/waits'));
  await clock.advance(300);
  lanes.enter(aTicket('shop/later', { priority: 100 }));
  await clock.advance(200);
  expect(lanes.longestWaits()).toEqual(
    new Map([
      [0, 500],
      [100, 200],
    ]),
  );
});

test('the gate learns the keys of its host and of all, which no leave, edit or wait makes wrong', () => {
  const asked: [string, number, number, number][] = [];
  const lanes = createLanes({
    clock: createManualClock(0),
    gate: {
      waitMs: (host, { keys, requests }, keysOfAll) => {
        asked.push([host, keys, requests, keysOfAll]);
        return keys < 1 ? 0 : 60_000;
      },
    },
    admitted: () => {},
  });
  lanes.enter(aTicket('shop/one', { requests: 3 }));
  lanes.enter(aTicket('shop/two', { host: 'b', requests: 2 }));
  lanes.enter(aTicket('shop/waits'));
  lanes.enter(aTicket('shop/one', { host: 'b' }));
  lanes.leave('shop/two');
  lanes.leave('shop/two');
  for (const key of ['shop/waits', 'shop/one']) lanes.leave(key);
  asked.length = 0;
  lanes.enter(aTicket('shop/last'));
  lanes.enter(aTicket('shop/last', { host: 'b' }));

  expect(asked).toEqual([
    ['a', 0, 0, 0],
    ['b', 0, 0, 0],
  ]);
});
