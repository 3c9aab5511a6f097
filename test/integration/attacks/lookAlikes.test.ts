import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  clusterVaultConnections,
  vaultConnections,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { data } from '../syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
let namespace: string;

beforeAll(async () => {
  namespace = await stage.createNamespace();
});
afterAll(() => world.close());

/** Hosts that are no Key Vault, as somebody might write them to make them look like one. */
const lookAlikes = [
  'http://shop.vault.azure.net',
  'https://evil.example.com',
  'https://shop.vault.azure.net.evil.example.com',
  'https://shop.vault.azure.netx',
  'https://shopxvault.azure.net',
  'https://shop.vaultxazure.net',
  'https://shop-vault.azure.net',
  'https://shop.vault.azure.com',
  'https://shop.vault.azure.net.',
  'https://vault.azure.net',
  'https://.vault.azure.net',
  'https://a.shop.vault.azure.net',
  'https://shop.vault.azure.net@evil.example.com',
  'https://evil.example.com/.vault.azure.net',
  'https://evil.example.com#.vault.azure.net',
  'https://evil.example.com?.vault.azure.net',
  'https://evil.example.com\\.vault.azure.net',
  'https://shop.vault.azure.net\\@evil.example.com',
  'https://shop.vault.azure.net:8443',
  'https://shop.vault.azure.net//evil.example.com',
  'https:/shop.vault.azure.net',
  'https:\\\\shop.vault.azure.net',
  'https://shop.v\u0430ult.azure.net',
  'https://shop\u3002vault.azure.net',
  'https://shop.vault.azure\uff0enet',
  'https://sh%6fp.vault.azure.net',
  'https://169.254.169.254',
  'https://shop.vault.azure.net\nhttps://evil.example.com',
  ' https://shop.vault.azure.net',
  'HTTPS://shop.vault.azure.net',
  'ftp://shop.vault.azure.net',
].map((vaultUrl) => [JSON.stringify(vaultUrl), vaultUrl] as const);

describe.each(lookAlikes)('the API server refuses %s', (_shown, vaultUrl) => {
  const refusal = /^422 .*spec[.]vaultUrl/;

  test('in a VaultSecret and in both kinds of connection', async () => {
    const metadata = { namespace, name: 'look-alike' };
    const reader = { vaultUrl, serviceAccountName: 'app' };
    await expect(
      kube.create(vaultSecrets, { metadata, spec: { ...reader, data } }),
    ).rejects.toThrow(refusal);
    await expect(kube.create(vaultConnections, { metadata, spec: reader })).rejects.toThrow(
      refusal,
    );
    const spec = { vaultUrl, allowedNamespaces: { names: [namespace] } };
    await expect(
      kube.create(clusterVaultConnections, { metadata: { name: 'look-alike' }, spec }),
    ).rejects.toThrow(refusal);
  });
});
