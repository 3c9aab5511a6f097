import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { alerts } from '../../generate/alerts.ts';

const check = z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) });
/** A bare `0x300` would be a hexadecimal number to YAML, and one sample to promtool. */
const series = z.object({ values: z.string() });
const cases = z.object({
  tests: z.array(z.object({ input_series: z.array(series), alert_rule_test: z.array(check) })),
});
const file = resolve(import.meta.dirname, '../../e2e/alertCases.yaml');
const checks = cases
  .parse(parse(readFileSync(file, 'utf8')))
  .tests.flatMap((one) => one.alert_rule_test);

/** `npm run e2e` lets promtool judge them. */
describe.each(alerts())('the alert $alert', ({ alert }) => {
  const own = checks.filter(({ alertname }) => alertname === alert);

  test.each(['fires', 'does not fire'])('has a case in which it %s', (what) => {
    const fires = own.filter((one) => one.exp_alerts.length > 0);
    expect(what === 'fires' ? fires.length : own.length - fires.length).toBeGreaterThan(0);
  });
});

test('no case is about an alert that is not there', () => {
  const known = alerts().map(({ alert }) => alert);
  expect(checks.filter(({ alertname }) => !known.includes(alertname))).toEqual([]);
});
