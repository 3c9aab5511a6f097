import { expect, test } from 'vitest';

import { FairQueue, type Waiting } from '../../../src/runtime/fairQueue.ts';

interface Entry extends Waiting {
  readonly name: string;
}

function anEntry(name: string, group: string, priority = 0): Entry {
  return { name, group, priority, sinceMs: 0 };
}

function takeAll(queue: FairQueue<Entry>): string[] {
  const names: string[] = [];
  for (let entry = queue.take(); entry !== undefined; entry = queue.take()) names.push(entry.name);
  return names;
}

test('a group with many entries delays each other group by one entry a turn', () => {
  const queue = new FairQueue<Entry>();
  for (let i = 0; i < 10_000; i += 1) queue.push(anEntry(`many-${i}`, 'many'));
  queue.push(anEntry('one', 'one'));
  queue.push(anEntry('two', 'two'));

  expect(takeAll(queue).slice(0, 4)).toEqual(['many-0', 'one', 'two', 'many-1']);
});

test('one in eight entries is of a lower priority, each of them in turn', () => {
  const queue = new FairQueue<Entry>();
  for (let i = 0; i < 40; i += 1) queue.push(anEntry('high', 'a', 100));
  for (const [name, priority] of [
    ['normal', 0],
    ['retry', -200],
  ] as const)
    for (let i = 0; i < 2; i += 1) queue.push(anEntry(name, 'a', priority));

  const names = takeAll(queue);
  const lower = [7, 15, 23, 31].map((index) => names[index]);
  expect(new Set(lower)).toEqual(new Set(['normal', 'retry']));
  expect(names.slice(0, 7)).toEqual(Array.from({ length: 7 }, () => 'high'));
});

test('an entry that is raised goes behind those of its new priority, and is there once', () => {
  const queue = new FairQueue<Entry>();
  const raised = anEntry('raised', 'a');
  queue.push(raised);
  queue.push(anEntry('high', 'a', 100));
  queue.raise(raised, 100);
  queue.raise(raised, -100);

  expect(queue.size).toBe(2);
  expect(takeAll(queue)).toEqual(['high', 'raised']);
  expect(queue.size).toBe(0);
});

test('an entry that was removed is not handed out', () => {
  const queue = new FairQueue<Entry>();
  const removed = anEntry('removed', 'a');
  queue.push(removed);
  queue.push(anEntry('kept', 'a'));

  expect(queue.remove(removed)).toBe(true);
  expect(queue.remove(removed)).toBe(false);
  expect(takeAll(queue)).toEqual(['kept']);
});
