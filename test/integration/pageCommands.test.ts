import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { codeBlocks, shellCommands } from '../support/guidePage.ts';
import { runProgram } from '../support/program.ts';
import { runShell } from '../support/remedies/shell.ts';
import { cachedBinary } from '../testbed/binaries/binaryCache.ts';

const root = resolve(import.meta.dirname, '../..');
const { kubeconfig } = inject('testbed');
const pages = ['README.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })];
// Its commands are those of the remedies, which tests of their own carry out.
const read = pages.filter((page) => page !== 'docs/errors.md').toSorted();

const commandsIn = (page: string): readonly string[] =>
  codeBlocks(readFileSync(resolve(root, page), 'utf8'))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => shellCommands(text))
    .map((command) => command.replace(/ <<EOF$/, ''))
    .flatMap((command) => command.replaceAll(/<[^>]+>/g, 'x').split(' | '))
    .filter((command) => /^(kubectl|helm) (?!vaultsecret )/.test(command));

const commands = [...new Set(read.flatMap(commandsIn))];

async function wordsOf(command: string): Promise<readonly string[]> {
  let all: readonly string[] = [];
  await runShell(command, (words) => {
    all = words;
    return Promise.resolve('x');
  });
  return all;
}

describe('a page of ours', () => {
  test.each(commands)('names only flags that there are: %s', async (command) => {
    const [program, ...args] = await wordsOf(command);
    const binary = await cachedBinary(program === 'helm' ? 'helm' : 'kubectl', console.error);
    const first = args.findIndex((word) => word.startsWith('-'));
    const verb = first < 0 ? args : args.slice(0, first);
    const flags = first < 0 ? [] : args.slice(first);

    // Flags are parsed before help is given.
    const help = await runProgram(binary, [...verb, '--help', ...flags], {
      cwd: tmpdir(),
      kubeconfig,
    });
    expect(help).toContain(`  ${program} ${verb[0]}`);
  });

  test('has commands at all', () => {
    expect(commands.length).toBeGreaterThan(15);
  });
});
