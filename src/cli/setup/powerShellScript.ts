import { clientIdAnnotation, tokenExchangeAudience } from '../../api/meta.ts';
import type { CloudTools } from './cloudTools.ts';
import {
  secretsUser,
  subjectOf,
  type Federation,
  type Host,
  type HostKind,
  type Issuer,
  type SetUp,
  type UserAssignedIdentity,
  type VaultGrant,
} from './setUp.ts';

/**
 * PowerShell takes the typographic quotes for plain ones, and each is written twice to stand for itself:
 * https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_quoting_rules
 */
export function powerShellString(text: string): string {
  return `'${text.replaceAll(/['\u2018\u2019\u201A\u201B]/g, '$&$&')}'`;
}

const q = powerShellString;

/** Cmdlets of the Az module: https://learn.microsoft.com/en-us/powershell/azure/ */
export function powerShellScript({ cloud, subscription, identity, vault }: SetUp): string {
  const steps =
    identity.kind === 'userAssigned'
      ? ofUserAssigned(identity, vault)
      : [systemAssignedOn(identity.host), ...grant(vault, '$principalId')];
  const select =
    subscription === undefined ? [] : [`Set-AzContext -Subscription ${q(subscription)}`];
  const connect = cloud === undefined ? [] : [connectTo(cloud)];
  return `${["$ErrorActionPreference = 'Stop'", ...connect, ...select, ...steps].join('\n\n')}\n`;
}

/** https://learn.microsoft.com/en-us/powershell/module/az.accounts/connect-azaccount */
function connectTo({ name }: CloudTools): string {
  const isElsewhere = `(Get-AzContext).Environment.Name -ne ${q(name)}`;
  return `if (${isElsewhere}) { Connect-AzAccount -Environment ${q(name)} | Out-Null }`;
}

function ofUserAssigned(identity: UserAssignedIdentity, vault: VaultGrant): readonly string[] {
  const { host, federation } = identity;
  return [
    `# The identity\n${made(identity)}`,
    ...(host === undefined ? [] : [`# The host that has it\n${putOn(host)}`]),
    ...(federation === undefined
      ? []
      : [`# The ServiceAccount whose token stands for it\n${federate(identity, federation)}`]),
    ...grant(vault, '$identity.PrincipalId'),
    ...(federation === undefined
      ? []
      : [`# What the ServiceAccount says of it\n${annotate(federation)}`]),
  ];
}

interface Named {
  readonly name: string;
  readonly resourceGroup: string;
}

const named = ({ name, resourceGroup }: Named): string =>
  `-Name ${q(name)} -ResourceGroupName ${q(resourceGroup)}`;

/** https://learn.microsoft.com/en-us/powershell/module/az.managedserviceidentity/new-azuserassignedidentity */
function made(identity: UserAssignedIdentity): string {
  if (identity.exists) return `$identity = Get-AzUserAssignedIdentity ${named(identity)}`;
  const { location, resourceGroup } = identity;
  const at =
    location === undefined
      ? `(Get-AzResourceGroup -Name ${q(resourceGroup)}).Location`
      : q(location);
  return `$identity = New-AzUserAssignedIdentity ${named(identity)} -Location ${at}`;
}

/** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-configure-managed-identities */
interface HostCmdlets {
  readonly read: (host: Host) => string;
  /** With the kind of identities that follows, in the place of those that the host has. */
  readonly identify: (host: Host, identities: string) => string;
}

/** https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity; Get-AzWebApp answers both kinds of sites. */
const readSite = (host: Host): string => `Get-AzWebApp ${named(host)}`;

const cmdlets: Readonly<Record<HostKind, HostCmdlets>> = {
  vm: {
    read: (host) => `Get-AzVM ${named(host)}`,
    identify: ({ resourceGroup }, identities) =>
      `Update-AzVM -ResourceGroupName ${q(resourceGroup)} -VM $target -IdentityType ${identities}`,
  },
  vmss: {
    read: ({ name, resourceGroup }) =>
      `Get-AzVmss -ResourceGroupName ${q(resourceGroup)} -VMScaleSetName ${q(name)}`,
    identify: ({ name, resourceGroup }, identities) =>
      `Update-AzVmss -ResourceGroupName ${q(resourceGroup)} -VMScaleSetName ${q(name)} -IdentityType ${identities}`,
  },
  functionapp: {
    read: readSite,
    identify: (host, identities) =>
      `Update-AzFunctionApp ${named(host)} -Force -IdentityType ${identities}`,
  },
  // Set-AzWebApp knows no user-assigned identity.
  webapp: {
    read: readSite,
    identify: (host) => `Set-AzWebApp ${named(host)} -AssignIdentity $true`,
  },
};

function systemAssignedOn(host: Host): string {
  const { read, identify } = cmdlets[host.kind];
  return [
    '# The identity of the host',
    `$target = ${read(host)}`,
    unlessIdentities('$target.Identity.UserAssignedIdentities'),
    `${identify(host, 'SystemAssigned')} | Out-Null`,
    `$principalId = (${read(host)}).Identity.PrincipalId`,
  ].join('\n');
}

function putOn(host: Host): string {
  const { read, identify } = cmdlets[host.kind];
  return [
    `$target = ${read(host)}`,
    unlessIdentities('$target.Identity'),
    `${identify(host, 'UserAssigned -IdentityId $identity.Id')} | Out-Null`,
  ].join('\n');
}

/** These cmdlets name all identities that a host has from then on. */
function unlessIdentities(property: string): string {
  return `if (${property}) { throw 'The host has identities that this would take away: use the commands of --as az, which add one.' }`;
}

/** https://learn.microsoft.com/en-us/powershell/module/az.managedserviceidentity/new-azfederatedidentitycredential */
function federate({ name, resourceGroup }: UserAssignedIdentity, federation: Federation): string {
  return [
    `New-AzFederatedIdentityCredential -Name ${q(federation.name)} -IdentityName ${q(name)}`,
    `-ResourceGroupName ${q(resourceGroup)} -Issuer ${issuerOf(federation.issuer)}`,
    `-Subject ${q(subjectOf(federation))} -Audience @(${q(tokenExchangeAudience)})`,
  ].join(' `\n  ');
}

function issuerOf(issuer: Issuer): string {
  if (issuer.kind === 'url') return q(issuer.url);
  const type = "-ResourceType 'Microsoft.ContainerService/managedClusters'";
  const cluster = `Get-AzResource ${type} ${named(issuer)} -ExpandProperties`;
  return `(${cluster}).Properties.oidcIssuerProfile.issuerURL`;
}

/** https://learn.microsoft.com/en-us/powershell/module/az.resources/new-azroleassignment */
function grant({ name, grant: given }: VaultGrant, principal: string): readonly string[] {
  if (given.kind === 'policy') {
    const permissions = given.permissions.join(', ');
    return [
      `# What it may read\nSet-AzKeyVaultAccessPolicy -VaultName ${q(name)} -ObjectId ${principal} \`\n  -PermissionsToSecrets ${permissions} -BypassObjectIdValidation`,
    ];
  }
  const vault = `(Get-AzKeyVault -VaultName ${q(name)}).ResourceId`;
  const scopes =
    given.secrets.length === 0
      ? [vault]
      : given.secrets.map((secret) => `(${vault} + ${q(`/secrets/${secret}`)})`);
  const assignments = scopes.map((scope) =>
    [
      `New-AzRoleAssignment -ObjectId ${principal} -ObjectType ServicePrincipal`,
      `-RoleDefinitionName ${q(secretsUser.name)} -Scope ${scope}`,
    ].join(' `\n  '),
  );
  return [`# What it may read\n${assignments.join('\n')}`];
}

function annotate({ serviceAccount: { namespace, name } }: Federation): string {
  return [
    `kubectl annotate serviceaccount ${q(name)} --namespace ${q(namespace)} --overwrite`,
    `"${clientIdAnnotation}=$($identity.ClientId)"`,
  ].join(' `\n  ');
}
