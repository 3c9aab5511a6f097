import { expect, test } from 'vitest';
import { atLeast, atMost, below, none, type Figure, type Promised } from '../../bench/figure.ts';
import { judge, loadLimit, promisedObjects } from '../../bench/verdict.ts';

const figureOf = (promise: Promised): Figure => ({ unit: 'ms', promise });
const asPromised = { objects: promisedObjects, load: 0.3 };

test.each([
  { promise: below(1_000), value: 999.9, text: 'met' },
  { promise: below(1_000), value: 1_000, text: 'missed' },
  { promise: atMost(4), value: 4, text: 'met' },
  { promise: atMost(4), value: 4.01, text: 'missed' },
  { promise: atLeast(0.8), value: 0.8, text: 'met' },
  { promise: atLeast(0.8), value: 0.79, text: 'missed' },
  { promise: none, value: 0, text: 'met' },
  { promise: none, value: 1, text: 'missed' },
  { promise: none, value: Number.NaN, text: 'missed' },
])('$value against the promise $promise.text is $text', ({ promise, value, text }) => {
  expect(judge(figureOf(promise), { value }, asPromised)).toEqual({ met: text === 'met', text });
});

test.each([
  {
    what: 'with fewer objects',
    circumstances: { ...asPromised, objects: 1_000 },
    text: 'not judged: 1,000 objects',
  },
  {
    what: 'on a busy machine',
    circumstances: { ...asPromised, load: loadLimit + 0.75 },
    text: 'not judged: load 2.25',
  },
  {
    what: 'with fewer objects on a busy machine',
    circumstances: { objects: 1_000, load: 4 },
    text: 'not judged: 1,000 objects, load 4.00',
  },
])('a good figure measured $what is not called met', ({ circumstances, text }) => {
  expect(judge(figureOf(none), { value: 0 }, circumstances)).toEqual({ met: false, text });
});

test('a bad figure measured on a busy machine is not called missed', () => {
  const { text } = judge(figureOf(none), { value: 7 }, { ...asPromised, load: 9 });

  expect(text).toBe('not judged: load 9.00');
});

test('the number of objects is no excuse where it changes nothing', () => {
  const circumstances = { objects: undefined, load: loadLimit };

  expect(judge(figureOf(none), { value: 0 }, circumstances).met).toBe(true);
});
