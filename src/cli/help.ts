import type { ConnectionFlag, Flag, Flags } from '../options/flags.ts';
import { connectionFlags } from '../options/flags.ts';
import type { Command } from './command.ts';

const variables = `Variables: KUBECONFIG, AZURE_TENANT_ID, AZURE_AUTHORITY_HOST, AZURE_CLIENT_ID and
AZURE_FEDERATED_TOKEN_FILE of an identity to lend, HTTPS_PROXY, NO_PROXY,
NODE_EXTRA_CA_CERTS.
`;

/** Of a command by itself, its flags apart from those that others take as well. */
export function helpOf({ name, summary, description, operands, flags, heeds }: Command): string {
  const shared = heeds.filter((flag) => !(flag in flags));
  return [
    `Usage: ${['vaultsecret', name, ...operands, '[flags]'].join(' ')}\n`,
    `${summary}.\n`,
    ...(description === undefined ? [] : [`${description}\n`]),
    ...(Object.keys(flags).length === 0 ? [] : [`Flags:\n${flagLines(flags)}\n`]),
    `Flags that it shares with other commands:\n${flagLines(pick(shared))}\n`,
    `${wrapped(`Variables: ${shared.flatMap((flag) => variablesOf[flag] ?? []).join(', ')}.`).join('\n')}\n`,
  ].join('\n');
}

const variablesOf: Readonly<Partial<Record<ConnectionFlag, readonly string[]>>> = {
  kubeconfig: ['KUBECONFIG'],
  'azure-tenant-id': ['AZURE_TENANT_ID'],
  'azure-authority-host': ['AZURE_AUTHORITY_HOST'],
  'ca-file': ['HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS'],
};

function pick(names: readonly ConnectionFlag[]): Flags {
  return Object.fromEntries(names.map((name) => [name, connectionFlags[name]]));
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

function flagLines(flags: Flags): string {
  return Object.entries(flags).map(flagLine).join('\n');
}

const indent = '      ';
const width = 94;

function flagLine([name, { short, value, help }]: readonly [string, Flag]): string {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  const text = wrapped(help).join(`\n${indent}`);
  return `  ${value === undefined ? names : `${names} ${value}`}\n${indent}${text}`;
}

/** A terminal would break lines within words, and begin them at its edge. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
