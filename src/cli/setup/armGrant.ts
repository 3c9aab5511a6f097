import {
  $schema,
  armText,
  dependsOn,
  literal,
  resourceId,
  type ArmResource,
} from './armExpressions.ts';
import { resourceTypes, roleDefinitionType } from './resourceTypes.ts';
import { secretsUser, type VaultGrant } from './setUp.ts';

/** Expressions for whom is granted. */
export interface Who {
  readonly id: string;
  readonly principalId: string;
}

/** `made`: what of it the same template makes. */
export function grantResources(
  { name, grant }: VaultGrant,
  who: Who,
  made: readonly string[],
): readonly ArmResource[] {
  if (grant.kind === 'policy') return [accessPolicy(name, grant.permissions, who, made)];
  const vault = resourceId(resourceTypes.vault.type, [name]);
  const scopes = grant.secrets.map((secret) =>
    resourceId(resourceTypes.vaultSecret.type, [name, secret]),
  );
  return (scopes.length === 0 ? [vault] : scopes).map((scope) => roleAssignment(scope, who, made));
}

/** Its name must be a UUID that the same assignment always gets: from what it says, by guid(). */
function roleAssignment(
  scope: string,
  { id, principalId }: Who,
  made: readonly string[],
): ArmResource {
  return {
    ...resourceTypes.roleAssignment,
    scope: `[${scope}]`,
    name: `[guid(${scope}, ${id}, ${literal(secretsUser.id)})]`,
    ...dependsOn(made),
    properties: {
      roleDefinitionId: `[subscriptionResourceId(${literal(roleDefinitionType)}, ${literal(secretsUser.id)})]`,
      principalId: `[${principalId}]`,
      principalType: 'ServicePrincipal',
    },
  };
}

/** `add` leaves the policies of others as they are. */
function accessPolicy(
  vault: string,
  permissions: readonly string[],
  { principalId }: Pick<Who, 'principalId'>,
  made: readonly string[],
): ArmResource {
  const entry = {
    tenantId: '[subscription().tenantId]',
    objectId: `[${principalId}]`,
    permissions: { secrets: permissions },
  };
  return {
    ...resourceTypes.accessPolicies,
    name: armText(`${vault}/add`),
    ...dependsOn(made),
    properties: { accessPolicies: [entry] },
  };
}

/** The vault is in another resource group than what is made: https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/linked-templates */
export function grantElsewhere(
  vault: VaultGrant,
  { id, principalId }: Who,
  made: readonly string[],
): ArmResource {
  const inner = { id: "parameters('identityId')", principalId: "parameters('principalId')" };
  const text = { type: 'string' };
  return {
    ...resourceTypes.deployment,
    name: `vaultsecret-${vault.name}`,
    resourceGroup: armText(vault.resourceGroup),
    ...dependsOn(made),
    properties: {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope: 'inner' },
      parameters: {
        ...(vault.grant.kind === 'role' ? { identityId: { value: `[${id}]` } } : {}),
        principalId: { value: `[${principalId}]` },
      },
      template: {
        $schema,
        contentVersion: '1.0.0.0',
        parameters: {
          ...(vault.grant.kind === 'role' ? { identityId: text } : {}),
          principalId: text,
        },
        resources: grantResources(vault, inner, []),
      },
    },
  };
}
