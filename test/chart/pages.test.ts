import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { codeBlocks } from '../support/guidePage.ts';
import { renderChart } from '../testbed/helm.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const home = mkdtempSync(join(tmpdir(), 'values-'));
afterAll(() => rmSync(home, { recursive: true }));

const valuesIn = (page: string): [page: string, text: string][] =>
  codeBlocks(readFileSync(join(docs, page), 'utf8'))
    .filter(({ mark }) => mark === 'values')
    .map(({ text }) => [page, text]);
const values = ['monitoring.md', 'private.md'].flatMap(valuesIn);

test.each(values)('values that %s shows are taken by the chart: %s', async (_, text) => {
  const file = join(home, 'values.yaml');
  writeFileSync(file, text);

  const rendered = await renderChart({ flags: [`--values=${file}`] });

  expect(rendered.map(({ kind }) => kind)).toContain('Deployment');
});

test('private.md shows values for DNS, proxy and network policy, monitoring.md for both kinds and for TLS', () => {
  expect(values.map(([page]) => page)).toEqual([
    ...Array(3).fill('monitoring.md'),
    ...Array(3).fill('private.md'),
  ]);
});
