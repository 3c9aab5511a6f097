import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
/** What a terminal or a browser shows without scrolling. */
const screen = readme.split('\n').slice(0, 24).join('\n');
const [, reasons = ''] = readme.split('## Why these dependencies\n');

describe('the README', () => {
  test.each(['npm ci && npm run demo', 'npm ci && npm test'])(
    'shows on its first screen the command %s',
    (command) => {
      expect(screen).toContain(command);
    },
  );

  test.each(Object.keys(dependencies))('says why the dependency %s is there', (name) => {
    expect(reasons).toMatch(new RegExp(`[\`]${name}[\`]: \\w`));
  });
});
