import { expect, test } from 'vitest';
import { interned, internedTexts } from '../../src/interned.ts';

test.each(['', '7', 'shop/app', '__proto__', 'constructor', 'ß', 'a'.repeat(10_000)])(
  'a text stays what it is: %.20s',
  (text) => {
    expect(interned(text)).toBe(text);
  },
);

test('a document stays what it is', () => {
  const document = { data: [{ dataKey: 'A', on: true }, null, 1.5], '': { a: 'b' } };
  expect(internedTexts(document)).toEqual(document);
  expect(internedTexts(undefined)).toBeUndefined();
});
