import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/connections.md'), 'utf8');
const [, section = ''] = page.split('## Supported identities by platform\n');
const rows = [
  ...(section.split('\n## ')[0] ?? '').matchAll(/^\| (.+?) +\| (.+?) +\| `(.+)` +\| (.+?) +\|$/gm),
].map(([, identity = '', host = '', file = '', name = '']) => ({ identity, host, file, name }));

describe('the table of identities in docs/connections.md', () => {
  test.each(rows)('names a test of $file: $identity', ({ file, name }) => {
    const source = readFileSync(join(root, 'test', file), 'utf8');
    expect(source.replaceAll("\\'", "'").includes(name)).toBe(true);
  });

  test('has a proof in each row', () => {
    const lines = (section.split('\n## ')[0] ?? '').split('\n');
    // But for the heading and the line below it.
    expect(rows.length).toBe(lines.filter((line) => line.startsWith('|')).length - 2);
  });
});
