import { tokenExchangeAudience } from '../../api/meta.ts';
import { annotationCommand } from './annotationCommand.ts';
import {
  $schema,
  armText,
  dependsOn,
  literal,
  resourceId,
  type ArmResource,
} from './armExpressions.ts';
import { grantElsewhere, grantResources, type Who } from './armGrant.ts';
import { deploymentOf } from './deployment.ts';
import { hostTypes, resourceTypes } from './resourceTypes.ts';
import { subjectOf, type Federation, type SetUp, type UserAssignedIdentity } from './setUp.ts';

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/syntax */
export function armTemplate(setUp: SetUp): string {
  const { identity, vault } = setUp;
  const deployment = deploymentOf(setUp);
  const isHere = vault.resourceGroup === deployment.resourceGroup;
  const who = whoOf(setUp, deployment.resourceGroup);
  const isMade = identity.kind === 'userAssigned' && !identity.exists;
  const made = isMade ? [who.id] : [];
  const template = {
    $schema,
    contentVersion: '1.0.0.0',
    metadata: { description: deployment.description('FILE') },
    ...(isMade
      ? { parameters: { location: { type: 'string', defaultValue: locationOf(identity) } } }
      : {}),
    resources: [
      ...(identity.kind === 'userAssigned' ? identityResources(identity, made) : []),
      ...(isHere ? grantResources(vault, who, made) : [grantElsewhere(vault, who, made)]),
    ],
    ...(identity.kind === 'userAssigned' ? { outputs: outputsOf(identity, who) } : {}),
  };
  return `${JSON.stringify(template, null, 2)}\n`;
}

function whoOf({ identity }: SetUp, here: string): Who & { readonly clientId: string } {
  const { name, resourceGroup } = identity.kind === 'userAssigned' ? identity : identity.host;
  const elsewhereGroup = resourceGroup === here ? undefined : resourceGroup;
  if (identity.kind === 'userAssigned') {
    const { type, apiVersion } = resourceTypes.identity;
    const id = resourceId(type, [name], elsewhereGroup);
    const properties = `reference(${id}, ${literal(apiVersion)})`;
    return { id, principalId: `${properties}.principalId`, clientId: `${properties}.clientId` };
  }
  const { type, apiVersion } = hostTypes[identity.host.kind];
  const id = resourceId(type, [name], elsewhereGroup);
  const full = `reference(${id}, ${literal(apiVersion)}, 'Full')`;
  return { id, principalId: `${full}.identity.principalId`, clientId: '' };
}

function locationOf({ location }: UserAssignedIdentity): string {
  return location === undefined ? '[resourceGroup().location]' : armText(location);
}

function identityResources(
  identity: UserAssignedIdentity,
  made: readonly string[],
): readonly ArmResource[] {
  const { name, federation } = identity;
  const location = "[parameters('location')]";
  return [
    ...(made.length === 0 ? [] : [{ ...resourceTypes.identity, name: armText(name), location }]),
    ...(federation === undefined ? [] : [federatedCredential(name, federation, made)]),
  ];
}

function federatedCredential(
  identity: string,
  federation: Federation,
  made: readonly string[],
): ArmResource {
  return {
    ...resourceTypes.federatedCredential,
    name: armText(`${identity}/${federation.name}`),
    ...dependsOn(made),
    properties: {
      issuer: issuerOf(federation),
      subject: armText(subjectOf(federation)),
      audiences: [tokenExchangeAudience],
    },
  };
}

function issuerOf({ issuer }: Federation): string {
  if (issuer.kind === 'url') return armText(issuer.url);
  const { type, apiVersion } = resourceTypes.cluster;
  const id = resourceId(type, [issuer.name], issuer.resourceGroup);
  return `[reference(${id}, ${literal(apiVersion)}).oidcIssuerProfile.issuerURL]`;
}

function outputsOf(
  { federation }: UserAssignedIdentity,
  { clientId }: { readonly clientId: string },
): ArmResource {
  const text = (value: string): ArmResource => ({ type: 'string', value: `[${value}]` });
  if (federation === undefined) return { clientId: text(clientId) };
  const annotate = `concat(${literal(annotationCommand(federation))}, ${clientId})`;
  return { clientId: text(clientId), annotate: text(annotate) };
}
