import { tokenExchangeAudience } from '../../api/meta.ts';
import { annotationCommand } from './annotationCommand.ts';
import { deploymentOf } from './deployment.ts';
import {
  hostTypes,
  resourceTypes,
  roleDefinitionType,
  type ResourceType,
} from './resourceTypes.ts';
import {
  secretsUser,
  subjectOf,
  type Federation,
  type SetUp,
  type UserAssignedIdentity,
  type VaultGrant,
} from './setUp.ts';

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/data-types#strings */
export function bicepString(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", String.raw`\'`)
    .replaceAll('${', '\\${')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`);
  return `'${escaped}'`;
}

const q = bicepString;

/** One file for one resource group: what lies in another one must be there already. */
export function bicepFile(setUp: SetUp): string {
  const { identity, vault } = setUp;
  const { description, resourceGroup } = deploymentOf(setUp);
  const comment = description('setup.bicep')
    .split('\n')
    .map((line) => `// ${line}`)
    .join('\n');
  return `${[
    comment,
    ...(identity.kind === 'userAssigned'
      ? ofUserAssigned(identity, resourceGroup)
      : [existing('host', hostTypes[identity.host.kind], identity.host, resourceGroup)]),
    `resource vault ${typed(resourceTypes.vault)} existing = {\n  name: ${q(vault.name)}\n}`,
    ...grant(vault, whoOf(identity)),
    ...(identity.kind === 'userAssigned' ? outputs(identity) : []),
  ].join('\n\n')}\n`;
}

const typed = ({ type, apiVersion }: ResourceType): string => q(`${type}@${apiVersion}`);

interface Named {
  readonly name: string;
  readonly resourceGroup: string;
}

function existing(symbol: string, type: ResourceType, what: Named, here: string): string {
  const { name, resourceGroup } = what;
  const scope = resourceGroup === here ? '' : `\n  scope: resourceGroup(${q(resourceGroup)})`;
  return `resource ${symbol} ${typed(type)} existing = {\n  name: ${q(name)}${scope}\n}`;
}

function ofUserAssigned(identity: UserAssignedIdentity, here: string): readonly string[] {
  const { name, location, exists, federation } = identity;
  const at = location === undefined ? 'resourceGroup().location' : q(location);
  const made = [
    `@description('Where the identity is made.')\nparam location string = ${at}`,
    `resource identity ${typed(resourceTypes.identity)} = {\n  name: ${q(name)}\n  location: location\n}`,
  ];
  return [
    ...(exists ? [existing('identity', resourceTypes.identity, identity, here)] : made),
    ...(federation === undefined ? [] : federatedCredential(federation, here)),
  ];
}

function federatedCredential(federation: Federation, here: string): readonly string[] {
  const { issuer, name } = federation;
  const url =
    issuer.kind === 'url' ? q(issuer.url) : 'cluster.properties.oidcIssuerProfile.issuerURL';
  return [
    ...(issuer.kind === 'url' ? [] : [existing('cluster', resourceTypes.cluster, issuer, here)]),
    `resource federatedCredential ${typed(resourceTypes.federatedCredential)} = {
  parent: identity
  name: ${q(name)}
  properties: {
    issuer: ${url}
    subject: ${q(subjectOf(federation))}
    audiences: [
      ${q(tokenExchangeAudience)}
    ]
  }
}`,
  ];
}

interface Who {
  readonly id: string;
  readonly principalId: string;
}

function whoOf(identity: SetUp['identity']): Who {
  return identity.kind === 'userAssigned'
    ? { id: 'identity.id', principalId: 'identity.properties.principalId' }
    : { id: 'host.id', principalId: 'host.identity.principalId' };
}

function grant({ grant: given }: VaultGrant, who: Who): readonly string[] {
  if (given.kind === 'policy') return [accessPolicy(given.permissions, who)];
  if (given.secrets.length === 0) return [roleAssignment('', 'vault', who)];
  return given.secrets.flatMap((secret, index) => [
    `resource secret${index} ${typed(resourceTypes.vaultSecret)} existing = {\n  parent: vault\n  name: ${q(secret)}\n}`,
    roleAssignment(String(index), `secret${index}`, who),
  ]);
}

/** Its name must be a UUID that the same assignment always gets: from what it says, by guid(). */
function roleAssignment(suffix: string, scope: string, { id, principalId }: Who): string {
  const role = `subscriptionResourceId(${q(roleDefinitionType)}, ${q(secretsUser.id)})`;
  return `resource roleAssignment${suffix} ${typed(resourceTypes.roleAssignment)} = {
  scope: ${scope}
  name: guid(${scope}.id, ${id}, ${q(secretsUser.id)})
  properties: {
    roleDefinitionId: ${role}
    principalId: ${principalId}
    principalType: 'ServicePrincipal'
  }
}`;
}

/** `add` leaves the policies of others as they are. */
function accessPolicy(permissions: readonly string[], { principalId }: Who): string {
  return `resource accessPolicies ${typed(resourceTypes.accessPolicies)} = {
  parent: vault
  name: 'add'
  properties: {
    accessPolicies: [
      {
        tenantId: subscription().tenantId
        objectId: ${principalId}
        permissions: {
          secrets: [
${permissions.map((permission) => `            ${q(permission)}`).join('\n')}
          ]
        }
      }
    ]
  }
}`;
}

function outputs({ federation }: UserAssignedIdentity): readonly string[] {
  const clientId = 'identity.properties.clientId';
  const lines = [`output clientId string = ${clientId}`];
  if (federation !== undefined)
    lines.push(`output annotate string = '${annotationCommand(federation)}\${${clientId}}'`);
  return lines;
}
