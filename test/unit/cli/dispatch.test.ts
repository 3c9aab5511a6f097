import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineCommand, type CommandResult } from '../../../src/cli/command.ts';
import { commandNamed, dispatch } from '../../../src/cli/dispatch.ts';
import { helpOfAll } from '../../../src/cli/help.ts';
import { OptionsError } from '../../../src/options/optionsError.ts';

const greet = defineCommand({
  name: 'greet',
  summary: 'Greets somebody',
  operands: ['[NAME]'],
  heeds: ['kubeconfig', 'azure-tenant-id'],
  flags: {
    'how-often': { type: 'string', short: 'n', value: 'COUNT', help: 'Default: 1.' },
    loud: { type: 'boolean', help: 'With a mark.' },
  },
  input: z.object({
    names: z.array(z.string()),
    howOften: z.coerce.number('must be a number').default(1),
    loud: z.boolean().default(false),
  }),
  run: async ({ names: [name = 'you'], howOften, loud }, { options }) => ({
    output: `${`${name}${loud ? '!' : ''} `.repeat(howOften)}${options.kubeconfig.join(' ')}\n`,
    exitCode: 0,
  }),
});
const commands = [greet];
const run = (...argv: readonly string[]): Promise<CommandResult> =>
  dispatch(commands, argv, new AbortController().signal);

describe('a command', () => {
  test('gets its operands, its flags in camel case, and the options that all share', async () => {
    const shared = '--kubeconfig=file';
    expect(await run('greet', shared)).toEqual({ output: 'you file\n', exitCode: 0 });
    expect(await run('greet', 'Ann', '-n', '2', '--loud', shared)).toMatchObject({
      output: 'Ann! Ann! file\n',
    });
  });

  test.each([['--help'], ['-h'], ['Ann', '--loud', '--help']])(
    '%s prints its help, and runs nothing',
    async (...argv) => {
      const { output, exitCode } = await run('greet', ...argv);

      expect(exitCode).toBe(0);
      expect(output).toMatch(/^Usage: vaultsecret greet \[NAME\] \[flags\]\n\nGreets somebody\.\n/);
      expect(output).toContain('  -n, --how-often COUNT\n      Default: 1.\n');
      expect(output).toContain('--kubeconfig FILE');
      expect(output).not.toContain('--resolve');
      expect(output).toMatch(/\n\nVariables: KUBECONFIG, AZURE_TENANT_ID[.]\n$/);
      expect(output.split('\n').filter((line) => line.length > 100)).toEqual([]);
    },
  );

  test.each<readonly [readonly string[], string]>([
    [['greet', '--sideways'], "Unknown option '--sideways'; see vaultsecret greet --help"],
    [['greet', 'Ann', 'Bob'], "Unexpected argument 'Bob'; see vaultsecret greet --help"],
    [['greet', '-n', 'x'], '--how-often must be a number; see vaultsecret greet --help'],
    [['greet', '--resolve=a'], '--resolve must be HOST=ADDRESS:PORT, not a'],
    [['walk'], 'unknown command walk; see vaultsecret --help'],
    [[], 'no command; see vaultsecret --help'],
  ])('%j is refused in one line', async (argv, message) => {
    await expect(run(...argv)).rejects.toThrow(new OptionsError(message));
  });

  test('is listed with its summary', () => {
    expect(helpOfAll(commands)).toMatch(/^ {2}greet +Greets somebody$/m);
    expect(commandNamed(commands, 'greet')).toBe(greet);
  });
});
