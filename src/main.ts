import { KubeConfigError } from './kube/config.ts';
import { PreflightError } from './kube/preflight.ts';
import { createLog } from './observability/log.ts';
import { ListenError } from './observability/server.ts';
import { flags } from './options/flags.ts';
import { OptionsError, readOptions } from './options/options.ts';
import { createSystemClock, systemRandom } from './system.ts';
import { version } from './version.ts';
import { runController } from './wire/controller.ts';

const exitCodes = { stopped: 0, leadershipLost: 1, failed: 1, usage: 2 } as const;

/** Failures that the user can mend: one line, no stack. */
const explained = [OptionsError, KubeConfigError, PreflightError, ListenError];

const usage = `Usage: vaultsecret run [flags]

Writes Azure Key Vault objects into Kubernetes Secrets, read with the identity bound to the pod.

  run          runs the controller
  --version    prints the version
  --help       prints this

Variables: KUBECONFIG, AZURE_TENANT_ID, AZURE_AUTHORITY_HOST, AZURE_CLIENT_ID and
AZURE_FEDERATED_TOKEN_FILE of an identity to lend, HTTPS_PROXY, NO_PROXY,
NODE_EXTRA_CA_CERTS.

Flags of run:
${Object.entries(flags)
  .map(
    ([name, flag]) => `  --${name}${'value' in flag ? ` ${flag.value}` : ''}\n      ${flag.help}`,
  )
  .join('\n')}
`;

async function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case '--version':
      process.stdout.write(`vaultsecret ${version}\n`);
      return 0;
    case '--help':
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'run':
      return rest.includes('--help') ? main(['--help']) : run(rest);
    default:
      throw new OptionsError(
        `${command === undefined ? 'no command' : `unknown command ${command}`}; see vaultsecret --help`,
      );
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  const log = createLog(options.logLevel);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => stop.abort(new Error(signal)));
  }
  const system = {
    clock: createSystemClock(),
    random: systemRandom,
    log,
    setLogLevel: (level: string) => log.setLevel(level),
  };
  const { reason } = await runController(options, system, stop.signal);
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
