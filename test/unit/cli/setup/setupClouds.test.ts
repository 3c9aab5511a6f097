import { describe, expect, test } from 'vitest';
import { setUp, shop } from './shop.ts';

describe('vaultsecret setup in another cloud', () => {
  const inChina = 'az cloud set --name AzureChinaCloud\n';

  test.each([
    ['of the URL of a VaultSecret', '-f china.yaml --resource-group shop --aks aks'],
    [
      'of the URL of another vault of it',
      '-f china.yaml --vault other --resource-group shop --aks aks',
    ],
    ['of the URL of a vault', shop.replace('shop-prod', 'https://shop-prod.vault.azure.cn/')],
    ['that a flag names', `${shop} --cloud AzureChina`],
    [
      'of the Entra ID of the caller',
      `${shop} --azure-authority-host https://login.chinacloudapi.cn`,
    ],
  ])('%s, the commands begin there', async (_, line) => {
    const text = await setUp(line);

    expect(text).toContain(`# The cloud; az login follows\n${inChina}`);
    // The token of a ServiceAccount is the same everywhere.
    expect(text).toContain('--audiences api://AzureADTokenExchange\n');
  });

  test.each([
    ['powershell', "Connect-AzAccount -Environment 'AzureUSGovernment'"],
    ['portal', 'At https://portal.azure.us:\n'],
    [
      'portal --subscription 7c1a5a0c-7d2e-4bb0-9a43-35c6f3f7d0a1',
      ', at https://portal.azure.us:\n',
    ],
    ['bicep', '// In its cloud, az cloud set --name AzureUSGovernment: Deploy with: az'],
    ['arm', '"description": "In its cloud, az cloud set --name AzureUSGovernment: Deploy with: az'],
  ])('so does --as %s', async (format, says) => {
    const vault = 'https://shop-prod.vault.usgovcloudapi.net';

    expect(await setUp(`${shop.replace('shop-prod', vault)} --as ${format}`)).toContain(says);
  });

  test('is not spoken of where the tools begin', async () => {
    expect(await setUp(`${shop} --cloud AzurePublic`)).toBe(await setUp(shop));
    expect(await setUp(shop)).not.toContain('cloud set');
  });

  test('must not be two', async () => {
    await expect(
      setUp('-f china.yaml --cloud AzurePublic --resource-group shop --aks aks'),
    ).rejects.toThrow(
      '--cloud says AzurePublic, and by its URL Key Vault shop-prod is in AzureChina; leave out --cloud',
    );
  });
});
