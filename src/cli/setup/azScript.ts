import { clientIdAnnotation } from '../../api/meta.ts';
import {
  secretsUser,
  subjectOf,
  type Federation,
  type Host,
  type Issuer,
  type SetUp,
  type UserAssignedIdentity,
  type VaultGrant,
} from './setUp.ts';
import { flag, shellCommand, type Argument, type Substitution, type Word } from './shellWords.ts';

/** Commands of the Azure CLI: https://learn.microsoft.com/en-us/cli/azure/reference-index */
export function azScript({ subscription, identity, vault }: SetUp): string {
  const select =
    subscription === undefined
      ? []
      : [shellCommand(['az', 'account', 'set'], flag('--subscription', subscription))];
  const steps =
    identity.kind === 'userAssigned'
      ? ofUserAssigned(identity, vault)
      : [
          `# The identity of the host\n${assignmentOnHost(identity)}`,
          ...grant(vault, principalOfHost(identity.host)),
        ];
  return `${[...select, ...steps].join('\n\n')}\n`;
}

function ofUserAssigned(identity: UserAssignedIdentity, vault: VaultGrant): readonly string[] {
  const { exists, federation } = identity;
  const onHost = assignmentOnHost(identity);
  return [
    ...(exists ? [] : [`# The identity\n${create(identity)}`]),
    ...(onHost === undefined ? [] : [`# The host that has it\n${onHost}`]),
    ...(federation === undefined
      ? []
      : [`# The ServiceAccount whose token stands for it\n${federate(identity, federation)}`]),
    ...grant(vault, shown(identity, 'principalId')),
    ...(federation === undefined
      ? []
      : [`# What the ServiceAccount says of it\n${annotate(identity, federation)}`]),
  ];
}

const tsv = ['--output', 'tsv'] as const;

/** https://learn.microsoft.com/en-us/cli/azure/identity#az-identity-create */
function create(identity: UserAssignedIdentity): string {
  const { location } = identity;
  const at = location === undefined ? [] : [flag('--location', location)];
  return shellCommand(['az', 'identity', 'create'], ...named(identity), ...at);
}

/** Adds to what the host has: https://learn.microsoft.com/en-us/cli/azure/vm/identity#az-vm-identity-assign */
export function assignmentOnHost(identity: SetUp['identity']): string | undefined {
  const { host } = identity;
  if (host === undefined) return undefined;
  const which =
    identity.kind === 'userAssigned' ? [['--identities', shown(identity, 'id')] as const] : [];
  return shellCommand(['az', host.kind, 'identity', 'assign'], ...named(host), ...which);
}

interface Named {
  readonly name: string;
  readonly resourceGroup: string;
}

function named({ name, resourceGroup }: Named): readonly Argument[] {
  return [flag('--name', name), flag('--resource-group', resourceGroup)];
}

function shown(identity: Named, field: 'id' | 'clientId' | 'principalId'): Substitution {
  const command = ['az', 'identity', 'show', ...named(identity).flat(), '--query', field, ...tsv];
  return { command };
}

function principalOfHost(host: Host): Word {
  const show = ['az', host.kind, 'identity', 'show', ...named(host).flat()];
  return { command: [...show, '--query', 'principalId', ...tsv] };
}

/** https://learn.microsoft.com/en-us/cli/azure/identity/federated-credential */
function federate({ name, resourceGroup }: UserAssignedIdentity, federation: Federation): string {
  return shellCommand(
    ['az', 'identity', 'federated-credential', 'create'],
    flag('--name', federation.name),
    flag('--identity-name', name),
    flag('--resource-group', resourceGroup),
    flag('--issuer', issuerOf(federation.issuer)),
    flag('--subject', subjectOf(federation)),
    flag('--audiences', federation.audience),
  );
}

function issuerOf(issuer: Issuer): Word {
  if (issuer.kind === 'url') return issuer.url;
  const show = ['az', 'aks', 'show', ...named(issuer).flat()];
  return { command: [...show, '--query', 'oidcIssuerProfile.issuerUrl', ...tsv] };
}

/**
 * The principal goes by its object id and type, because a directory may not yet show a new one:
 * https://learn.microsoft.com/en-us/azure/role-based-access-control/troubleshooting
 */
function grant({ name, grant: given }: VaultGrant, principal: Word): readonly string[] {
  if (given.kind === 'policy') {
    const setPolicy = shellCommand(
      ['az', 'keyvault', 'set-policy'],
      flag('--name', name),
      flag('--object-id', principal),
      flag('--secret-permissions', ...given.permissions),
    );
    return [`# What it may read\n${setPolicy}`];
  }
  const vault = ['az', 'keyvault', 'show', ...flag('--name', name), '--query', 'id', ...tsv];
  const assign = (suffix: string): string =>
    shellCommand(
      ['az', 'role', 'assignment', 'create'],
      flag('--role', secretsUser.name),
      flag('--assignee-object-id', principal),
      flag('--assignee-principal-type', 'ServicePrincipal'),
      flag('--scope', { command: vault, suffix }),
    );
  const suffixes = given.secrets.map((secret) => `/secrets/${secret}`);
  const assignments = (suffixes.length === 0 ? [''] : suffixes).map(assign);
  return [`# What it may read\n${assignments.join('\n')}`];
}

function annotate(identity: UserAssignedIdentity, { serviceAccount }: Federation): string {
  return shellCommand(
    ['kubectl', 'annotate', 'serviceaccount', serviceAccount.name],
    flag('--namespace', serviceAccount.namespace),
    ['--overwrite'],
    [{ prefix: `${clientIdAnnotation}=`, ...shown(identity, 'clientId') }],
  );
}
