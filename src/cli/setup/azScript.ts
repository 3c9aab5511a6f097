import { clientIdAnnotation, tokenExchangeAudience } from '../../api/meta.ts';
import { identityUseRights } from '../../core/identityBinding.ts';
import { writeManifest } from '../../kube/manifest.ts';
import type { CloudTools } from './cloudTools.ts';
import {
  secretsUser,
  subjectOf,
  type Federation,
  type Host,
  type IdentityBinding,
  type Issuer,
  type SetUp,
  type UserAssignedIdentity,
  type VaultGrant,
} from './setUp.ts';
import {
  assignment,
  flag,
  shellCommand,
  type Argument,
  type Substitution,
  type Word,
} from './shellWords.ts';

/** Commands of the Azure CLI: https://learn.microsoft.com/en-us/cli/azure/reference-index */
export function azScript({ cloud, subscription, identity, vault }: SetUp): string {
  const select = [
    ...(cloud === undefined ? [] : [`# The cloud; az login follows\n${setCloud(cloud)}`]),
    ...(subscription === undefined
      ? []
      : [shellCommand(['az', 'account', 'set'], flag('--subscription', subscription))]),
  ];
  const steps =
    identity.kind === 'userAssigned'
      ? ofUserAssigned(identity, vault)
      : [
          `# The identity of the host\n${assignmentOnHost(identity)}`,
          ...grant(vault, principalOfHost(identity.host)),
        ];
  return `${[...select, ...steps].join('\n\n')}\n`;
}

/** https://learn.microsoft.com/en-us/cli/azure/cloud#az-cloud-set */
export function setCloud({ name }: CloudTools): string {
  return shellCommand(['az', 'cloud', 'set'], flag('--name', name));
}

function ofUserAssigned(identity: UserAssignedIdentity, vault: VaultGrant): readonly string[] {
  const { exists, federation, binding } = identity;
  const account = (federation ?? binding)?.serviceAccount;
  const onHost = assignmentOnHost(identity);
  return [
    ...(exists ? [] : [`# The identity\n${create(identity)}`]),
    ...(onHost === undefined ? [] : [`# The host that has it\n${onHost}`]),
    ...(federation === undefined
      ? []
      : [`# The ServiceAccount whose token stands for it\n${federate(identity, federation)}`]),
    ...(binding === undefined ? [] : bind(identity, binding)),
    ...grant(vault, shown(identity, 'principalId')),
    ...(account === undefined
      ? []
      : [`# What the ServiceAccount says of it\n${annotate(identity, account)}`]),
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
    flag('--audiences', tokenExchangeAudience),
  );
}

/**
 * https://learn.microsoft.com/en-us/cli/azure/aks/identity-binding#az-aks-identity-binding-create; kubectl create clusterrole
 * refuses a resource that no API server serves, and takes no client id for one.
 */
function bind(identity: UserAssignedIdentity, binding: IdentityBinding): readonly string[] {
  const { name, cluster, serviceAccount } = binding;
  const create = shellCommand(
    ['az', 'aks', 'identity-binding', 'create'],
    flag('--name', name),
    flag('--cluster-name', cluster.name),
    flag('--resource-group', cluster.resourceGroup),
    flag('--managed-identity-resource-id', shown(identity, 'id')),
  );
  return [
    `# The binding of the identity to the cluster\n${create}`,
    [
      '# The right of the ServiceAccount to use it',
      assignment('clientId', shown(identity, 'clientId')),
      `kubectl apply --filename - <<EOF\n${rightsOf(serviceAccount)}EOF`,
    ].join('\n'),
  ];
}

/** Of the variable clientId; where it is empty, the shell stops instead of giving a right to use nobody. */
function rightsOf(serviceAccount: Federation['serviceAccount']): string {
  const clientId = '${clientId:?}';
  return identityUseRights(clientId, serviceAccount)
    .map(writeManifest)
    .join('---\n')
    .replaceAll(/[\\$`]/g, String.raw`\$&`)
    .replaceAll(`\\${clientId}`, clientId);
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

function annotate(
  identity: UserAssignedIdentity,
  serviceAccount: Federation['serviceAccount'],
): string {
  return shellCommand(
    ['kubectl', 'annotate', 'serviceaccount', serviceAccount.name],
    flag('--namespace', serviceAccount.namespace),
    ['--overwrite'],
    [{ prefix: `${clientIdAnnotation}=`, ...shown(identity, 'clientId') }],
  );
}
