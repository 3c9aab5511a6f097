import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isOlder } from '../../../src/runtime/resourceVersion.ts';
import { keyOf, objectKey, splitKey, Store } from '../../../src/runtime/store.ts';
import { aThing, type Thing } from './fakes.ts';

const byColor = { color: (thing: Thing) => [thing.color] };

test('finds an object by namespace and name', () => {
  const store = new Store<Thing>();
  const thing = aThing('a', '1');
  store.put(keyOf(thing), thing);

  expect(store.get('ns', 'a')).toBe(thing);
  expect(store.get('other', 'a')).toBeUndefined();
});

test('finds objects by an index, and no longer after they changed or went', () => {
  const store = new Store<Thing>(byColor);
  for (const name of ['a', 'b', 'c']) store.put(name, aThing(name, '1'));
  expect(store.byIndex('color', 'red')).toHaveLength(3);

  store.put('a', aThing('a', '2', { color: 'blue' }));
  store.delete('b');

  expect(store.byIndex('color', 'red').map(keyOf)).toEqual(['ns/c']);
  expect(store.byIndex('color', 'blue').map(keyOf)).toEqual(['ns/a']);
  expect(store.byIndex('color', 'green')).toEqual([]);
});

test('refuses an index that was not declared', () => {
  expect(() => new Store<Thing>(byColor).byIndex('size', 'big')).toThrow('no index "size"');
});

test('has indexes that agree with a scan, whatever was put and deleted', () => {
  const indexes = { letters: (thing: Thing) => thing.color.split('') };
  const color = fc.string({ unit: fc.constantFrom('r', 'g', 'b'), maxLength: 3 });
  const put = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(color));
  fc.assert(
    fc.property(fc.array(put, { maxLength: 40, size: 'max' }), (puts) => {
      const store = new Store<Thing>(indexes);
      for (const [name, value] of puts) {
        if (value === null) store.delete(`ns/${name}`);
        else store.put(`ns/${name}`, aThing(name, '1', { color: value }));
      }
      for (const letter of ['r', 'g', 'b']) {
        const scanned = store.list().filter((thing) => thing.color.includes(letter));
        expect(new Set(store.byIndex('letters', letter))).toEqual(new Set(scanned));
      }
    }),
  );
});

test.each([
  { namespace: 'ns', name: 'a', key: 'ns/a' },
  { namespace: '', name: 'a', key: 'a' },
])('names $key and reads it back', ({ namespace, name, key }) => {
  expect(objectKey(namespace, name)).toBe(key);
  expect(splitKey(key)).toEqual({ namespace, name });
});

test('compares resourceVersions of any length as numbers', () => {
  const version = fc.bigInt({ min: 0n, max: 10n ** 30n });
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(isOlder(String(a), String(b))).toBe(a < b);
    }),
  );
});

test('calls no resourceVersion older that is not a number', () => {
  expect(isOlder('abc', '5')).toBe(false);
  expect(isOlder('5', '')).toBe(false);
});
