import { expect, test } from 'vitest';
import { metricSum } from '../../bench/exposition.ts';

const text = `# HELP vaultsecret_secret_writes_total Writes of Secrets.
# TYPE vaultsecret_secret_writes_total counter
vaultsecret_secret_writes_total{operation="create"} 100
vaultsecret_secret_writes_total{operation="update"} 3
vaultsecret_status_writes_total 103
vaultsecret_status_writes_totals 7
`;

test.each([
  { name: 'vaultsecret_status_writes_total', expected: 103 },
  { name: 'vaultsecret_secret_writes_total', expected: 103 },
  { name: 'vaultsecret_absent', expected: 0 },
])('$name adds up to $expected', ({ name, expected }) => {
  expect(metricSum(text, name)).toBe(expected);
});
