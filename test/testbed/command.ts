import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { failureText } from './failureText.ts';

const usage = `Usage: npm run testbed -- COMMAND --dir DIR [flags]

  up     starts a control plane and the Azure stand-in, and leaves them running
         --kubeconfig FILE       uses this cluster instead of starting one
         --vault-latency-ms MS   answers of Key Vault take so long
         --entra-latency-ms MS   answers of Microsoft Entra ID take so long
  run    runs the controller against it, as the chart would; flags after -- are passed on
  down   stops everything

DIR holds all files of the test bed; testbed.json in it says how to reach what.
`;

/** Wrong usage: one line, exit status 2. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Loads a command only once its flags are right. */
async function main(argv: readonly string[]): Promise<number> {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const passedOn = end < 0 ? [] : argv.slice(end + 1);
  const [command, ...rest] = own;
  switch (command) {
    case 'up': {
      const { directory, ...values } = readFlags(rest, {
        kubeconfig: { type: 'string' },
        'vault-latency-ms': { type: 'string' },
        'entra-latency-ms': { type: 'string' },
      });
      const { up } = await import('./up.ts');
      await up({
        directory,
        kubeconfig: values['kubeconfig'],
        vaultLatencyMs: milliseconds('vault-latency-ms', values['vault-latency-ms']),
        entraLatencyMs: milliseconds('entra-latency-ms', values['entra-latency-ms']),
      });
      return 0;
    }
    case 'run': {
      const { directory } = readFlags(rest, {});
      const { run } = await import('./run.ts');
      return run(directory, passedOn);
    }
    case 'down': {
      const { directory } = readFlags(rest, {});
      const { down } = await import('./down.ts');
      await down(directory);
      return 0;
    }
    case 'help':
    case '--help':
      process.stdout.write(usage);
      return 0;
    default:
      throw new UsageError(command === undefined ? 'no command' : `there is no command ${command}`);
  }
}

type Flags = Readonly<Record<string, { readonly type: 'string' }>>;

function readFlags(
  args: readonly string[],
  flags: Flags,
): { directory: string } & Record<string, string | undefined> {
  const { dir, ...values } = parse(args, flags);
  if (dir === undefined || dir === '') throw new UsageError('--dir DIR is missing');
  return { ...values, directory: resolve(dir) };
}

function parse(args: readonly string[], flags: Flags): Record<string, string | undefined> {
  try {
    const options = { ...flags, dir: { type: 'string' as const } };
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : '');
  }
}

function milliseconds(flag: string, text = '0'): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--${flag} must be a number of milliseconds`);
  return Number(text);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`testbed: ${error.message}; npm run testbed -- help shows how\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`testbed: ${failureText(error)}\n`);
    process.exitCode = 1;
  }
}
