import { afterAll, describe, expect, inject, test } from 'vitest';
import { clusterVaultConnections, vaultConnections } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
afterAll(() => world.close());

const clientId = '11111111-1111-4111-8111-111111111111';
const resourceId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u';

const customCloud = {
  name: 'Custom',
  authorityHost: 'https://login.cloud.example',
  vaultSuffix: 'vault.cloud.example',
  scope: 'https://vault.cloud.example/.default',
};

const lendingAs = (identity: object) => ({
  allowedNamespaces: { names: ['a'] },
  lend: { identity, objectPatterns: ['*'] },
});

describe('the API server refuses', () => {
  const vaultUrl = 'https://shop-prod.vault.azure.net';
  const identity = { kind: 'ControllerWorkloadIdentity' };

  test.each<readonly [string, object, RegExp]>([
    ['a connection for nobody', { allowedNamespaces: {} }, /must name namespaces/],
    [
      'patterns that several namespaces would share',
      { allowedNamespaces: { names: ['a', 'b'] }, lend: { identity, objectPatterns: ['db-*'] } },
      /objectPatterns.*[{]namespace[}]/,
    ],
    [
      'patterns that whoever has the label would share',
      {
        allowedNamespaces: { selector: { matchLabels: { a: 'b' } } },
        lend: { identity, objectPatterns: ['db-*'] },
      },
      /objectPatterns.*[{]namespace[}]/,
    ],
    [
      'another identity than those that can be lent',
      {
        allowedNamespaces: { names: ['a'] },
        lend: { identity: { kind: 'Node' }, objectPatterns: ['*'] },
      },
      /identity.kind/,
    ],
    ...[
      { kind: 'UserAssignedIdentity' },
      { kind: 'UserAssignedIdentity', clientId, objectId: clientId },
      { kind: 'UserAssignedIdentity', clientId, objectId: clientId, resourceId },
      { kind: 'SystemAssignedIdentity', clientId },
      { kind: 'SystemAssignedIdentity', objectId: clientId, resourceId },
      { kind: 'ControllerWorkloadIdentity', resourceId },
    ].map(
      (lent) =>
        [
          `${Object.keys(lent).join(' and ')} for ${lent.kind}`,
          lendingAs(lent),
          /spec.lend.identity: .*needs exactly one of clientId, objectId and resourceId/,
        ] as const,
    ),
    ...[
      { name: 'Custom' },
      { name: 'Custom', authorityHost: 'https://login.cloud.example' },
      { name: 'AzureChina', vaultSuffix: 'vault.azure.cn' },
    ].map(
      (cloud) =>
        [
          `a cloud that is described by ${Object.keys(cloud).join(' and ')}`,
          { cloud, allowedNamespaces: { names: ['a'] } },
          /spec.cloud: .*needs authorityHost, vaultSuffix, scope with name Custom/,
        ] as const,
    ),
    [
      'a version of the API for a cloud of Azure',
      { cloud: { name: 'AzureChina', apiVersion: '7.1' }, allowedNamespaces: { names: ['a'] } },
      /spec.cloud.apiVersion: .*apiVersion needs name Custom/,
    ],
    [
      'a vault of another cloud than the one that is named',
      { cloud: { name: 'AzureChina' }, allowedNamespaces: { names: ['a'] } },
      /spec.vaultUrl: .*must be of the cloud that spec.cloud names/,
    ],
    [
      'a vault that is not of the cloud that is described',
      { cloud: customCloud, allowedNamespaces: { names: ['a'] } },
      /spec.vaultUrl: .*must be of the cloud that spec.cloud names/,
    ],
    [
      'an authority without TLS',
      {
        cloud: { ...customCloud, authorityHost: 'http://login.cloud.example' },
        allowedNamespaces: { names: ['a'] },
      },
      /spec.cloud.authorityHost/,
    ],
    [
      'a client id that is none',
      lendingAs({ kind: 'UserAssignedIdentity', clientId: 'shop' }),
      /lend.identity.clientId/,
    ],
    ...['shop', '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d'].map(
      (other) =>
        [
          `a resource id that is not of a user-assigned identity: ${other}`,
          lendingAs({ kind: 'UserAssignedIdentity', resourceId: other }),
          /lend.identity.resourceId/,
        ] as const,
    ),
  ])('%s', async (_, spec, message) => {
    const creating = kube.create(clusterVaultConnections, {
      metadata: { name: 'refused' },
      spec: { vaultUrl, ...spec },
    });
    await expect(creating).rejects.toThrow(message);
  });

  test('a client id without the ServiceAccount that it is for', async () => {
    const namespace = await stage.createNamespace();
    const creating = kube.create(vaultConnections, {
      metadata: { namespace, name: 'refused' },
      spec: { vaultUrl, clientId },
    });
    await expect(creating).rejects.toThrow(/clientId.*serviceAccountName/);
  });

  const tenantId = clientId;
  const secretRef = { name: 'entra', key: 'client-secret' };

  test.each<readonly [string, object, RegExp]>([
    ['without a credential', { servicePrincipal: { tenantId, clientId } }, /exactly one of/],
    [
      'with two credentials',
      { servicePrincipal: { tenantId, clientId, secretRef, certificateRef: { name: 'entra' } } },
      /exactly one of secretRef and certificateRef/,
    ],
    [
      'beside a ServiceAccount',
      { serviceAccountName: 'app', servicePrincipal: { tenantId, clientId, secretRef } },
      /servicePrincipal.*stands alone/,
    ],
    [
      'beside a tenant of its own',
      { tenantId, servicePrincipal: { tenantId, clientId, secretRef } },
      /servicePrincipal.*stands alone/,
    ],
    [
      'without a tenant',
      { servicePrincipal: { clientId, secretRef } },
      /servicePrincipal.tenantId/,
    ],
    [
      'with a path instead of a key',
      { servicePrincipal: { tenantId, clientId, secretRef: { ...secretRef, key: '../x' } } },
      /secretRef.key/,
    ],
  ])('an application %s', async (_, spec, message) => {
    const namespace = await stage.createNamespace();
    const creating = kube.create(vaultConnections, {
      metadata: { namespace, name: 'refused' },
      spec: { vaultUrl, ...spec },
    });
    await expect(creating).rejects.toThrow(message);
  });

  test('a VaultSecret with both a vault and a connection', async () => {
    const team = await stage.createTeam();
    const vaultConnectionRef = { kind: 'VaultConnection', name: 'team' } as const;
    const creating = stage.createVaultSecret(team, 'app', {
      vaultConnectionRef,
      data: [{ dataKey: 'K', secret: { name: 'a' } }],
    });
    await expect(creating).rejects.toThrow(/either vaultUrl or vaultConnectionRef/);
  });
});
