import { expect, test } from 'vitest';
import { measureAll } from '../../bench/measureAll.ts';
import { below, type Measurement } from '../../bench/figure.ts';
import type { Side } from '../../bench/sides.ts';

const wanted = { only: undefined, waits: false };

test('each build goes first every other time', async () => {
  const order: string[] = [];
  const measurements = ['a', 'b'].map((id) =>
    measurementOf(id, (side) => order.push(`${id} ${side}`)),
  );

  await measureAll([sideOf('own'), sideOf('other')], measurements, wanted);

  expect(order).toEqual(['a own', 'a other', 'b other', 'b own']);
});

test('a figure has the value of both builds', async () => {
  const { rows } = await measureAll(
    [sideOf('own'), sideOf('other')],
    [measurementOf('a', (side) => (side === 'own' ? 1 : 2))],
    wanted,
  );

  expect(rows).toMatchObject([{ id: 'a', value: 1, other: { value: 2 } }]);
});

test.each([
  { failing: 'other', rows: [{ id: 'a', value: 1, other: undefined }] },
  { failing: 'own', rows: [] },
])('a failure of $failing build counts, and the rest goes on', async ({ failing, rows }) => {
  const measurement = measurementOf('a', (side) => {
    if (side === failing) throw new Error('no control plane');
    return 1;
  });

  const result = await measureAll([sideOf('own'), sideOf('other')], [measurement], wanted);

  expect(result).toMatchObject({ failures: 1, rows });
});

type SideName = 'own' | 'other';

/** A bench that only knows whose it is: by the number of its objects. */
const objectsOf: Record<SideName, number> = { own: 100, other: 101 };

function measurementOf(id: string, value: (side: SideName) => number): Measurement {
  return {
    figures: { [id]: { unit: 'ms', promise: below(10) } },
    isScaled: true,
    measure: async ({ objects }) => ({
      [id]: { value: value(objects === objectsOf.own ? 'own' : 'other') },
    }),
  };
}

function sideOf(name: SideName): Side {
  const never = (): never => {
    throw new Error('nothing is started');
  };
  return {
    name: name === 'own' ? 'this build' : 'the other build',
    isOwn: name === 'own',
    bench: {
      objects: objectsOf[name],
      log: () => {},
      inWorld: never,
      startController: never,
      close: async () => {},
    },
  };
}
