import { beforeAll, describe, expect, test } from 'vitest';
import { alerts, withThresholds } from '../../generate/alerts.ts';
import { exposed, missingIn } from './exposed.ts';

describe.each(alerts())('the alert $alert', ({ expr, summary, meaning, look, fix }) => {
  let known: Awaited<ReturnType<typeof exposed>>;
  beforeAll(async () => {
    known = await exposed();
  });

  test('reads only what a controller exposes', () => {
    expect(
      missingIn(
        known,
        withThresholds(expr, () => '1'),
      ),
    ).toEqual([]);
  });

  test('names in its summary only labels that its expression keeps', () => {
    const named = [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
    const kept = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
    expect(named.filter((label) => label === undefined || !kept.includes(label))).toEqual([]);
  });

  // The template language of annotations is for the summary alone.
  test('has texts in which nothing is left to fill in', () => {
    expect([meaning, look, fix].filter((text) => text.includes('{{'))).toEqual([]);
  });
});

test('each alert is there once', () => {
  const names = alerts().map(({ alert }) => alert);
  expect(names).toEqual([...new Set(names)]);
});
