import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { createSetUpCommand } from '../../src/cli/setup/setupCommand.ts';

const folder = resolve(import.meta.dirname, '../../docs/guides');
const guides = readdirSync(folder);
const textOf = (guide: string): string => readFileSync(resolve(folder, guide), 'utf8');

const commands = [
  createSetUpCommand({
    readText: () => Promise.reject(new Error('the guides read no file')),
    openCluster() {
      throw new Error('the guides need no cluster');
    },
  }),
];

/** The block of code that follows a mark, without the indentation of its list. */
function blockAfter(text: string, mark: string): string {
  const block = /```sh\n([^]*?)\n *```/.exec(text.slice(text.indexOf(`<!-- ${mark} -->`)));
  return (block?.[1] ?? '').replaceAll(/^ {3}/gm, '');
}

const ofSetUp = guides.filter((guide) => textOf(guide).includes('<!-- setup -->'));

describe('a guide', () => {
  test.each(ofSetUp)('%s shows what its command prints', async (guide) => {
    const text = textOf(guide);
    const [program, ...argv] = blockAfter(text, 'setup').split(' ');
    const { output } = await dispatch(commands, argv, new AbortController().signal);

    expect(program).toBe('vaultsecret');
    expect(blockAfter(text, 'printed')).toBe(output.trimEnd());
  });

  test('of four shows what setup prints', () => {
    expect(ofSetUp).toHaveLength(4);
  });

  test.each(guides)('%s is linked from the README', (guide) => {
    const readme = readFileSync(resolve(folder, '../../README.md'), 'utf8');
    expect(readme).toContain(`(docs/guides/${guide})`);
  });
});
