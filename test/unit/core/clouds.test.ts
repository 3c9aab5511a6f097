import { describe, expect, test } from 'vitest';
import { azureClouds, type Cloud } from '../../../src/api/cloud.ts';
import {
  clusterVaultConnectionSpecSchema,
  type ClusterVaultConnectionSpec,
} from '../../../src/api/vaultConnection.ts';
import { resolveAccess } from '../../../src/core/access/access.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { aVaultSecret, anObserved, tenantId } from './builders.ts';
import { aClusterConnection, aConnection, granted } from './connections.ts';

const custom: ClusterVaultConnectionSpec['cloud'] = {
  name: 'Custom',
  authorityHost: 'https://login.cloud.example',
  vaultSuffix: 'vault.cloud.example',
  scope: 'https://vault.cloud.example/.default',
};

/** The cloud in which is read, or why nothing is. */
function cloudOrReason(observed: Observed): Cloud | string {
  const access = resolveAccess(observed);
  return access.ok ? access.value.identity.cloud : access.error.reason;
}

function observedAt(vaultUrl: string, fields: Partial<Observed> = {}): Observed {
  const vaultSecret = aVaultSecret({ spec: { vaultUrl } });
  return anObserved({ vaultSecret, defaultTenantId: tenantId, ...fields });
}

function observedThrough(connection: Observed['connection']): Observed {
  const kind = connection?.kind ?? 'VaultConnection';
  const vaultConnectionRef = { kind, name: connection?.name ?? '' };
  const data = [{ dataKey: 'K', secret: { name: 'shop--key' } }];
  const vaultSecret = aVaultSecret({ spec: { vaultUrl: undefined, vaultConnectionRef, data } });
  return anObserved({ vaultSecret, connection, defaultTenantId: tenantId });
}

describe('the cloud', () => {
  test.each([
    ['https://shop.vault.azure.net', azureClouds.AzurePublic],
    ['https://shop.vault.azure.cn/', azureClouds.AzureChina],
    ['https://shop.vault.usgovcloudapi.net', azureClouds.AzureUSGovernment],
    ['https://shop.vault.azure.com', 'InvalidSpec'],
    ['https://a.shop.vault.azure.net', 'InvalidSpec'],
  ])('of %s is told by its suffix', (vaultUrl, expected) => {
    expect(cloudOrReason(observedAt(vaultUrl))).toEqual(expected);
    expect(
      cloudOrReason(observedThrough(aConnection({ vaultUrl, serviceAccountName: 'shop' }))),
    ).toEqual(expected);
  });

  test('of the controller itself keeps the authority that the controller was started with', () => {
    const homeCloud = {
      ...azureClouds.AzureChina,
      authorityHost: 'https://login.chinacloudapi.cn',
    };

    const home = cloudOrReason(observedAt('https://shop.vault.azure.cn', { homeCloud }));
    const other = cloudOrReason(observedAt('https://shop.vault.azure.net', { homeCloud }));

    expect([home, other]).toEqual([homeCloud, azureClouds.AzurePublic]);
  });

  test('of a ClusterVaultConnection may be one that the administrator describes', () => {
    const spec = { vaultUrl: 'https://platform.vault.cloud.example', cloud: custom };
    const connection = granted(aClusterConnection(spec));

    expect(cloudOrReason(observedThrough(connection))).toEqual({
      ...custom,
      authorityNames: ['login.cloud.example'],
    });
  });
});

describe('a ClusterVaultConnection whose vault is not of its cloud', () => {
  const allowedNamespaces = { names: ['shop'] };

  test.each<readonly [string, ClusterVaultConnectionSpec['cloud']]>([
    ['https://shop.vault.cloud.example', undefined],
    ['https://shop.vault.azure.cn', { name: 'AzurePublic' }],
    ['https://shop.vault.azure.net', custom],
    ['https://a.shop.vault.cloud.example', custom],
    ['https://shop.vault.cloud.example.evil.example', custom],
  ])('is not valid: %s %o', (vaultUrl, cloud) => {
    const parsed = clusterVaultConnectionSpecSchema.safeParse({
      vaultUrl,
      cloud,
      allowedNamespaces,
    });

    expect(parsed.error?.issues[0]?.path).toEqual(['vaultUrl']);
  });

  test.each<readonly [ClusterVaultConnectionSpec['cloud']]>([
    [{ name: 'Custom' }],
    [{ ...custom, scope: undefined, name: 'Custom' }],
    [{ ...custom, name: 'AzureChina' }],
  ])('nor one whose cloud is described in part or twice: %o', (cloud) => {
    const vaultUrl = 'https://shop.vault.azure.cn';
    const parsed = clusterVaultConnectionSpecSchema.safeParse({
      vaultUrl,
      cloud,
      allowedNamespaces,
    });

    expect(parsed.error?.issues[0]?.path).toEqual(['cloud']);
  });

  test('nor one that names a version of the API for a cloud of Azure', () => {
    const cloud = { name: 'AzureChina', apiVersion: '7.1' };
    const vaultUrl = 'https://shop.vault.azure.cn';
    const parsed = clusterVaultConnectionSpecSchema.safeParse({
      vaultUrl,
      cloud,
      allowedNamespaces,
    });

    expect(parsed.error?.issues[0]?.path).toEqual(['cloud', 'apiVersion']);
  });
});
