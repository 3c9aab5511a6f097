import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');

/** Rows of the tables: a promise, or the one above, with a file of ours and a test in it. */
const proofs = [...page.matchAll(/^\|[^|]*\| `([^`]+)`\s*\| ([^|]+?)\s*\|$/gm)].map(
  ([, file = '', name = '']) => [file, name] as const,
);

describe('docs/reliability.md', () => {
  test.each(proofs)('names a test of %s: %s', (file, name) => {
    const source = readFileSync(join(root, 'test', file), 'utf8');
    // Formatted code may break a title in no place, but escapes its quotes.
    expect(source.replaceAll("\\'", "'").includes(name)).toBe(true);
  });

  test('has a proof in each row of its tables', () => {
    const tables = page.split(/\n\n+/).filter((part) => part.startsWith('| promise'));
    const rows = tables.flatMap((table) => table.split('\n').slice(2));
    expect(proofs.length).toBe(rows.filter((row) => row !== '').length);
    expect(tables.length).toBe(5);
  });
});
