import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { createSetUpCommand } from '../../src/cli/setup/setupCommand.ts';
import { codeBlocks } from '../support/guidePage.ts';

const root = resolve(import.meta.dirname, '../..');
const guides = readdirSync(resolve(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const textOf = (page: string): string => readFileSync(resolve(root, page), 'utf8');

const commands = [
  createSetUpCommand({
    readText: () => Promise.reject(new Error('the guides read no file')),
    openCluster() {
      throw new Error('the guides need no cluster');
    },
  }),
];

function blockUnder(text: string, mark: string): string {
  return codeBlocks(text).find((block) => block.mark === mark)?.text ?? '';
}

const ofSetUp = ['docs/install.md', ...guides].filter((page) =>
  textOf(page).includes('<!-- setup -->'),
);

describe('a guide', () => {
  test.each(ofSetUp)('%s shows what its command prints', async (guide) => {
    const text = textOf(guide);
    const [program, ...argv] = blockUnder(text, 'setup').split(' ');
    const { output } = await dispatch(commands, argv, new AbortController().signal);

    expect(program).toBe('vaultsecret');
    expect(blockUnder(text, 'printed')).toBe(output.trimEnd());
  });

  test('of four shows what setup prints', () => {
    expect(ofSetUp).toHaveLength(4);
  });

  test.each(guides)('%s is linked from the README', (guide) => {
    expect(textOf('README.md')).toContain(`(${guide})`);
  });
});
