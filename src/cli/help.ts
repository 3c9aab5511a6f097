import type { Flag, Flags } from '../options/flags.ts';
import { connectionFlags } from '../options/flags.ts';
import type { Command } from './command.ts';

const variables = `Variables: KUBECONFIG, AZURE_TENANT_ID, AZURE_AUTHORITY_HOST, AZURE_CLIENT_ID and
AZURE_FEDERATED_TOKEN_FILE of an identity to lend, HTTPS_PROXY, NO_PROXY,
NODE_EXTRA_CA_CERTS.
`;

/** Of a command by itself, its flags apart from those that all commands take. */
export function helpOf({ name, summary, description, operands, flags }: Command): string {
  return [
    `Usage: ${['vaultsecret', name, ...operands, '[flags]'].join(' ')}\n`,
    `${summary}.\n`,
    ...(description === undefined ? [] : [`${description}\n`]),
    ...(Object.keys(flags).length === 0 ? [] : [`Flags:\n${flagLines(flags)}\n`]),
    `Flags of all commands:\n${flagLines(besides(connectionFlags, flags))}\n`,
    variables,
  ].join('\n');
}

export function helpOfRun(flags: Flags): string {
  return `Usage: vaultsecret run [flags]

Writes Azure Key Vault objects into Kubernetes Secrets, read with the identity bound to the pod.

Flags:
${flagLines(flags)}

${variables}`;
}

export function helpOfAll(commands: readonly Pick<Command, 'name' | 'summary'>[]): string {
  const rows = [
    { name: 'run', summary: 'Runs the controller' },
    ...commands,
    { name: 'help [COMMAND]', summary: 'Prints this, or the help of a command' },
    { name: '--version', summary: 'Prints the version' },
  ];
  const width = Math.max(...rows.map(({ name }) => name.length));
  return `Usage: vaultsecret COMMAND [flags]

Bridges pod identity to Azure Key Vault. All but \`run\` act with your own rights.

${rows.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

As kubectl vaultsecret COMMAND it is a plug-in of kubectl.
`;
}

/** What a command says itself of a flag counts. */
function besides(shared: Flags, own: Flags): Flags {
  return Object.fromEntries(Object.entries(shared).filter(([name]) => !(name in own)));
}

function flagLines(flags: Flags): string {
  return Object.entries(flags).map(flagLine).join('\n');
}

function flagLine([name, { short, value, help }]: readonly [string, Flag]): string {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return `  ${value === undefined ? names : `${names} ${value}`}\n      ${help}`;
}
