import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
const [, afterHeading = ''] = page.split('## Threats, and the tests that try them\n');
const [section = ''] = afterHeading.split('\n## ');
// But for the heading and the line below it.
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2);

const proofsIn = (row: string): readonly (readonly [file: string, name: string])[] =>
  [...row.matchAll(/`([\w/]+[.]test[.]ts)`: (.+?)(?=<br>| *\|$)/g)].map(
    ([, file = '', name = '']) => [file, name],
  );

describe('the threats of SECURITY.md', () => {
  test.each(rows.flatMap(proofsIn))('are tried by a test of %s: %s', (file, name) => {
    const source = readFileSync(join(root, 'test', file), 'utf8');
    expect(source.replaceAll("\\'", "'").includes(name)).toBe(true);
  });

  test('are all tried', () => {
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => proofsIn(row).length === 0)).toEqual([]);
  });
});
