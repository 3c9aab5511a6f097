import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingsIn, proseOf } from './plainEnglish.ts';

const root = resolve(import.meta.dirname, '../..');
const written = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/**/*.md'];
const pages = written.flatMap((glob) => globSync(glob, { cwd: root })).toSorted();

describe('a page', () => {
  test.each(pages)('%s is written in plain English', (page) => {
    const prose = proseOf(readFileSync(join(root, page), 'utf8'));
    const findings = findingsIn(prose).map(
      ({ line, word, instead }) => `${page}:${line}: instead of "${word}" write ${instead}`,
    );
    expect(findings).toEqual([]);
  });
});

describe('a word that is not plain English', () => {
  test.each([
    ['Whoever asks', 'Whoever'],
    ['it belongs to somebody', 'somebody'],
    ["Nobody's identity", "Nobody's"],
    ['mended at once', 'mended'],
    ['the failure is told', 'told'],
    ['in a folder of its own', 'of its own'],
    ['starts by itself', 'by itself'],
    ['a Secret is made', 'is made'],
    ['made anew', 'anew'],
    ['true to Key Vault', 'true to'],
    ['in the place of a vault', 'in the place of'],
    ['flags are heeded', 'heeded'],
  ])('is found: %s', (text, word) => {
    expect(findingsIn(`first line\n${text}`)).toEqual([
      { line: 2, word, instead: expect.any(String) },
    ]);
  });

  test('is not seen within a longer word', () => {
    expect(findingsIn('recommended, itself, untold, retold, homemade, wholly')).toEqual([]);
  });
});

describe('the prose of a page', () => {
  test.each([
    ['a code block', '```sh\nmend\n```'],
    ['a code block in a list', '1. Run\n\n   ```yaml\n   mend: true\n   ```'],
    ['a code span', 'the flag `--mend`'],
    ['the address of a link', '[a page](mend.md)'],
    ['a generated part', '<!-- begin flags -->\n\nmend\n\n<!-- end flags -->'],
    ['the title of a test in a table', '| promise | `unit/x.test.ts` | mend |'],
    ['the title of a test in a list', '| `unit/x.test.ts`: mend<br>`unit/y.test.ts`: mend |'],
    ['a generated page', '# Errors\n\n<!-- Generated from src by `npm run generate`. -->\n\nmend'],
  ])('is without %s', (_what, page) => {
    expect(findingsIn(proseOf(page))).toEqual([]);
  });

  test.each([
    ['what stands behind a code block', '```sh\nmend\n```\n\nmend', 5],
    ['what stands between code spans', '`a` mend `b`', 1],
    ['the text of a link', '[mend](page.md)', 1],
    ['what stands behind a generated part', '<!-- begin a -->\nmend\n<!-- end a -->\nmend', 4],
    ['the cell before the title of a test', '| mend | `unit/x.test.ts` | mend |', 1],
  ])('has %s', (_what, page, line) => {
    expect(findingsIn(proseOf(page)).map((finding) => finding.line)).toEqual([line]);
  });
});
