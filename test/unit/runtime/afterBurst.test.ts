import { beforeEach, expect, test } from 'vitest';
import { createAfterBurst, type AfterBurst } from '../../../src/runtime/afterBurst.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';

let clock: ManualClock;
let burst: AfterBurst;
let acts: number;

beforeEach(async () => {
  clock = createManualClock(0);
  acts = 0;
  burst = createAfterBurst(clock, () => (acts += 1));
  await clock.advance(10_000);
  acts = 0;
});

function work(pieces: number): void {
  for (let piece = 0; piece < pieces; piece += 1) burst.worked();
}

test('the start is a burst, also one without work', async () => {
  createAfterBurst(clock, () => (acts += 1));

  await clock.advance(9_999);
  expect(acts).toBe(0);
  await clock.advance(60_000);
  expect(acts).toBe(1);
  expect(clock.pending).toBe(0);
});

test('a start that brings work is over when the work is', async () => {
  burst = createAfterBurst(clock, () => (acts += 1));

  work(101);
  await clock.advance(10_000);
  expect(acts).toBe(0);
  await clock.advance(10_000);
  expect(acts).toBe(1);
});

test('a burst is over when next to nothing was done for ten seconds', async () => {
  work(1_000);
  await clock.advance(10_000);
  expect(acts).toBe(0);
  work(100);
  await clock.advance(10_000);
  expect(acts).toBe(1);
});

test('one that goes on is waited for', async () => {
  for (let round = 0; round < 5; round += 1) {
    work(1_000);
    await clock.advance(10_000);
  }
  expect(acts).toBe(0);
  await clock.advance(10_000);
  expect(acts).toBe(1);
});

test('is acted on once, and leaves no timer', async () => {
  work(5_000);
  await clock.advance(60_000);
  expect(acts).toBe(1);
  expect(clock.pending).toBe(0);
});

test('little work is none, however long ago the last was', async () => {
  work(999);
  await clock.advance(60_000);
  expect(acts).toBe(0);
  expect(clock.pending).toBe(0);
});

test('steady work adds up, so that its garbage goes in the end', async () => {
  for (let second = 0; second < 400; second += 1) {
    work(3);
    await clock.advance(1_000);
  }
  expect(acts).toBe(1);
});
