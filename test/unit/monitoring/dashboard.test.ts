import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { dashboard } from '../../generate/dashboard.ts';
import { panels } from '../../generate/dashboardPanels.ts';
import { exposed, missingIn } from './exposed.ts';

describe.each(panels)('the panel $title', ({ expr, legend }) => {
  let known: Awaited<ReturnType<typeof exposed>>;
  beforeAll(async () => {
    known = await exposed();
  });

  test('asks only for what a controller exposes', () => {
    expect(missingIn(known, expr)).toEqual([]);
  });

  test('has a legend of labels that its query keeps', () => {
    const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    const kept = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
    expect(kept).toEqual(expect.arrayContaining(named));
  });
});

test('all jobs are those of controllers like this one: others have metrics of the same names', () => {
  const list = z.array(z.looseObject({ name: z.string(), query: z.unknown() }));
  const { templating } = z
    .object({ templating: z.object({ list }) })
    .parse(JSON.parse(dashboard()));
  const job = templating.list.find(({ name }) => name === 'job');
  expect(job).toMatchObject({
    query: { query: expect.stringContaining('vaultsecret_build_info') },
  });
  expect(job).not.toHaveProperty('allValue');
  expect(panels.filter(({ expr }) => !expr.includes('job=~"$job"'))).toEqual([]);
});

test('no two panels lie upon each other, and none leaves the page', () => {
  const gridPos = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
  const model = z.object({ panels: z.array(z.object({ gridPos })) }).parse(JSON.parse(dashboard()));
  const cells = model.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => [x + (cell % w), y + Math.floor(cell / w)]),
  );
  expect(new Set(cells.map(String)).size).toBe(cells.length);
  expect(cells.filter(([x = 0]) => x >= 24)).toEqual([]);
});
