import { expect, test } from 'vitest';
import { exposed, missingIn } from './exposed.ts';
import { readPromql } from './promql.ts';

test('an expression is read for its metrics, labels and groupings', () => {
  expect(
    readPromql(
      'histogram_quantile(0.99, sum by (a, le) (rate(x_bucket{job=~"$job",code="429"}[5m]))) > 0 or absent(y_total) / 2e3',
    ),
  ).toEqual({
    selectors: [
      { metric: 'x_bucket', labels: ['job', 'code'], values: { code: '429' } },
      { metric: 'y_total', labels: [], values: {} },
    ],
    groupings: ['a', 'le'],
  });
});

test.each([
  ['vaultsecret_leader', ['vaultsecret_leader']],
  ['workqueue_depth{queue="a"}', ['queue', 'queue="a"']],
  ['leader_election_master_status{name="other"}', ['name="other"']],
  ['sum by (host) (workqueue_depth)', ['host']],
  ['sum by (cluster, name) (workqueue_depth{job=~"a"})', []],
])('in %s no controller exposes %j', async (expression, missing) => {
  expect(missingIn(await exposed(), expression)).toEqual(missing);
});
