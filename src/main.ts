import { commandNamed, dispatch } from './cli/dispatch.ts';
import { helpOf, helpOfAll, helpOfRun } from './cli/help.ts';
import { KubeConfigError } from './kube/kubeconfigFile.ts';
import { PreflightError } from './kube/preflight.ts';
import { ListenError } from './observability/listen.ts';
import { createLog } from './observability/log.ts';
import { flags } from './options/flags.ts';
import { readOptions } from './options/options.ts';
import { OptionsError } from './options/optionsError.ts';
import { collectGarbage, createSystemClock, systemRandom } from './system.ts';
import { version } from './version.ts';
import { createCommands } from './wire/commands.ts';
import { runController } from './wire/controller.ts';

const exitCodes = { stopped: 0, leadershipLost: 1, failed: 1, usage: 2, interrupted: 130 } as const;

/** Failures that the user can mend: one line, no stack. */
const explained = [OptionsError, KubeConfigError, PreflightError, ListenError];

const system = { clock: createSystemClock(), random: systemRandom };
const commands = createCommands(system);

async function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case '--version':
    case 'version':
      return print(`vaultsecret ${version}\n`);
    case '--help':
    case '-h':
    case 'help':
      return print(helpOn(rest[0]));
    case 'run':
      return ['--help', '-h'].some((flag) => rest.includes(flag))
        ? print(helpOfRun(flags))
        : run(rest);
    default:
      return runCommand(process.argv.slice(2));
  }
}

function helpOn(command: string | undefined): string {
  if (command === undefined) return helpOfAll(commands);
  return command === 'run' ? helpOfRun(flags) : helpOf(commandNamed(commands, command));
}

async function print(text: string): Promise<number> {
  await written(process.stdout, text);
  return 0;
}

/**
 * A pipe takes no more than its reader makes room for, and process.exit() drops the rest:
 * https://nodejs.org/api/process.html#a-note-on-process-io. A reader that has gone wants nothing more.
 */
async function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  stream.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    stream.write(text, () => resolve());
  });
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const signal = stopSignal();
  const interrupted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined));
  });
  // Nothing of a command is to be waited for: it prints and writes only at its end.
  const result = await Promise.race([dispatch(commands, argv, signal), interrupted]);
  if (result === undefined) return exitCodes.interrupted;
  await written(process.stdout, result.output);
  await written(process.stderr, result.notes ?? '');
  return result.exitCode;
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => stop.abort(new Error(signal)));
  }
  return stop.signal;
}

async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  const log = createLog(options.logLevel);
  const setLogLevel = (level: string): boolean => log.setLevel(level);
  const { reason } = await runController(
    options,
    { ...system, log, setLogLevel, collectGarbage },
    stopSignal(),
  );
  return exitCodes[reason];
}

try {
  // A pool of idle connections must not keep the process alive.
  process.exit(await main(process.argv.slice(2)));
} catch (thrown) {
  const isExplained = explained.some((kind) => thrown instanceof kind);
  const text =
    thrown instanceof Error ? (isExplained ? thrown.message : thrown.stack) : String(thrown);
  process.stderr.write(`vaultsecret: ${text}\n`);
  process.exit(thrown instanceof OptionsError ? exitCodes.usage : exitCodes.failed);
}
