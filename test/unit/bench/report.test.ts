import { expect, test } from 'vitest';
import { atLeast, below } from '../../bench/figure.ts';
import { formatJson, formatTable, type Row } from '../../bench/report.ts';

const rows: readonly Row[] = [
  {
    id: 'first-sync-ratio',
    unit: 'ratio',
    promise: atLeast(0.8),
    value: 0.834_56,
    spread: [0.811_11, 0.85],
    verdict: { met: true, text: 'met' },
  },
  {
    id: 'cold-start-ms',
    unit: 'ms',
    promise: below(1_000),
    value: 1234.56,
    note: 'cold disk',
    verdict: { met: false, text: 'not judged: load 2.25' },
  },
];

test('the file has what was promised of each figure, and what is known besides', () => {
  expect(JSON.parse(formatJson(rows))).toEqual({
    figures: [
      {
        id: 'first-sync-ratio',
        value: 0.835,
        unit: 'ratio',
        promise: '≥ 0.8',
        met: true,
        verdict: 'met',
        spread: [0.811, 0.85],
      },
      {
        id: 'cold-start-ms',
        value: 1235,
        unit: 'ms',
        promise: '< 1,000',
        met: false,
        verdict: 'not judged: load 2.25',
        note: 'cold disk',
      },
    ],
  });
});

test('the table is Markdown in columns', () => {
  expect(formatTable(rows)).toBe(
    [
      '| figure           | value       | spread        | promise | verdict               | note      |',
      '| ---------------- | ----------- | ------------- | ------- | --------------------- | --------- |',
      '| first-sync-ratio | 0.835 ratio | 0.811 to 0.85 | ≥ 0.8   | met                   |           |',
      '| cold-start-ms    | 1,235 ms    |               | < 1,000 | not judged: load 2.25 | cold disk |',
    ].join('\n'),
  );
});

test('what another build has shown stands beside', () => {
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error('there are two rows');
  const other = { value: 0.5, spread: [0.4, 0.6], note: 'before' } as const;
  const compared = [{ ...first, other }, second];

  const [head, , ...lines] = formatTable(compared).split('\n');

  expect(head).toMatch(/\| note +\| other build \| its spread \| its note \|$/);
  expect(lines[0]).toMatch(/\| 0.5 ratio +\| 0.4 to 0.6 \| before +\|$/);
  expect(lines[1]).toMatch(/\| cold disk \| +\| +\| +\|$/);
  expect(JSON.parse(formatJson(compared))).toMatchObject({ figures: [{ other }, {}] });
});
