import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const pages = ['*.md', 'docs/**/*.md'].flatMap((glob) => globSync(glob, { cwd: root })).toSorted();
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** As GitHub makes them of headings: https://docs.github.com/en/get-started/writing-on-github */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = textOf(page).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

interface Link {
  readonly to: string;
  readonly anchor: string;
}

/** Those within the repository. */
function linksOf(page: string): readonly Link[] {
  return [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
    ([, path = '', anchor = '']) => ({
      to: path === '' ? page : normalize(join(dirname(page), path)),
      anchor,
    }),
  );
}

describe('a link', () => {
  test.each(pages)('of %s leads somewhere', (page) => {
    const broken = linksOf(page).filter(
      ({ to, anchor }) =>
        !existsSync(join(root, to)) || (anchor !== '' && !anchorsOf(to).has(anchor)),
    );
    expect(broken).toEqual([]);
  });

  test('leads from the README to every page of docs', () => {
    const linked = linksOf('README.md').map(({ to }) => to);
    const unlinked = pages.filter((page) => page.startsWith('docs/') && !linked.includes(page));
    expect(unlinked).toEqual([]);
  });
});
