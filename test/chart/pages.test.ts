import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { codeBlocks } from '../support/guidePage.ts';
import { renderChart } from '../testbed/helm.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const home = mkdtempSync(join(tmpdir(), 'values-'));
afterAll(() => rmSync(home, { recursive: true }));

const values = codeBlocks(readFileSync(join(docs, 'private.md'), 'utf8'))
  .filter(({ mark }) => mark === 'values')
  .map(({ text }) => text);

test.each(values)('values that docs/private.md shows are taken by the chart: %s', async (text) => {
  const file = join(home, 'values.yaml');
  writeFileSync(file, text);

  const rendered = await renderChart({ flags: [`--values=${file}`] });

  expect(rendered.map(({ kind }) => kind)).toContain('Deployment');
});

test('docs/private.md shows values for DNS, proxy and network policy', () => {
  expect(values).toHaveLength(3);
});
