import { describe, expect, test } from 'vitest';
import { commandsOf, setUp, shop } from './shop.ts';

describe('vaultsecret setup', () => {
  test('says the same of a VaultSecret in a file as of flags', async () => {
    const ofFlags = await setUp(shop);
    const rest = '--resource-group shop --aks aks';

    expect(await setUp(`-f vs.yaml ${rest}`)).toBe(ofFlags);
    expect(await setUp(`-f connected.yaml ${rest}`)).toBe(ofFlags);
    expect(await setUp(`-f homeless.yaml -n shop ${rest}`)).toBe(ofFlags);
  });

  test('gives the role on each secret of the VaultSecret, once', async () => {
    const scopes = (await setUp(`-f vs.yaml --each-secret ${shop}`)).matchAll(/secrets\/(\S+)/g);

    expect([...scopes].map(([, name]) => name)).toEqual(['db-password', 'api-key']);
  });

  test('lets flags go before the VaultSecret', async () => {
    const text = await setUp(`-f vs.yaml --vault other --service-account b ${shop.slice(18)}`);

    expect(text).toContain('keyvault show --name other');
  });

  test('takes the issuer by its URL as well', async () => {
    const text = await setUp(shop.replace('--aks aks', '--issuer https://oidc.example.com/a/'));

    expect(text).toContain('--issuer https://oidc.example.com/a/ ');
  });

  test('binds the identity to the cluster when asked', async () => {
    const text = await setUp(`${shop} --identity-binding --aks-resource-group clusters`);

    expect(text).toContain(
      'az aks identity-binding create --name shop --cluster-name aks --resource-group clusters',
    );
    expect(text).not.toContain('federated-credential');
  });

  test('names the binding as Azure takes it', async () => {
    const text = await setUp(`${shop} --identity-binding --identity-name Shop_Prod_`);

    expect(text).toContain('identity-binding create --name shop-prod ');
    expect(text).toContain('identity create --name Shop_Prod_ ');
  });

  describe('of a VaultSecret of the cluster', () => {
    const bound = commandsOf(async () => ({
      toldBy: 'Deployment vaultsecret-system/vaultsecret',
      identityBindings: true,
    }));

    test('takes the issuer of the cluster', async () => {
      const text = await setUp('--resource-group shop shop');

      expect(text).toContain('--issuer https://oidc.example.com/cluster/ ');
    });

    test('binds as its controller works', async () => {
      const line = '--resource-group shop --aks aks shop';

      expect(await setUp(line, bound)).toBe(await setUp(`${shop} --identity-binding`));
    });

    test.each([
      ['', '--aks is needed for an identity binding, as '],
      ['--issuer https://a.b', '--issuer is of no use for an identity binding, as '],
    ])('refuses %s, because its controller works so', async (flags, problem) => {
      await expect(setUp(`--resource-group shop ${flags} shop`, bound)).rejects.toThrow(
        `${problem}--identity-binding or the controller of the cluster asks`,
      );
    });
  });

  const noAks = shop.replace(' --aks aks', '');
  test.each<readonly [string, string]>([
    [
      '',
      'nobody would have the identity: name --service-account and --namespace, or --host and --host-name',
    ],
    [noAks, '--aks or --issuer is needed to know whose tokens stand for the identity'],
    [`${shop} --issuer https://a.b`, '--issuer and --aks exclude each other'],
    [
      '--vault shop --host vm --host-name a --resource-group a --identity-binding',
      '--identity-binding needs --service-account and --namespace, or a VaultSecret that names them',
    ],
    [shop.replace('-n shop', ''), '--namespace is needed for the ServiceAccount'],
    [shop.replace('--resource-group shop', ''), '--resource-group is needed for the identity'],
    [shop.replace('--vault shop-prod', ''), '--vault is needed or a VaultSecret that names one'],
    [`${shop} --each-secret`, '--each-secret needs a VaultSecret or --file'],
    [
      `${shop} --access policy --secret a`,
      '--secret needs --access role: an access policy always speaks of the whole vault',
    ],
    [
      `${shop} --existing-identity --location westeurope`,
      '--location is of no use with --existing-identity',
    ],
    [
      `${shop} --system-assigned`,
      '--service-account needs a user-assigned identity, because a system-assigned one takes no federated credential; leave out --system-assigned',
    ],
    [
      '--vault shop-prod --system-assigned',
      '--host and --host-name are needed with --system-assigned',
    ],
    ['--vault shop-prod --system-assigned --host vm', '--host-name is needed with --host vm'],
    [`${shop} --host-name a`, '--host-name needs --host'],
    [
      `${shop} --as bicep --vault-resource-group vaults`,
      '--as bicep makes one file for one resource group, and the identity is to be made in shop, the vault is in vaults; choose --as arm',
    ],
    [
      `${shop} --as powershell --host webapp --host-name a`,
      '--as powershell has no cmdlet that puts a user-assigned identity on a web app; choose --as az',
    ],
    [`-f gone.yaml ${shop}`, 'cannot read gone.yaml: ENOENT'],
    [`-f broken.yaml ${shop}`, 'cannot use broken.yaml: it is no YAML, line 3: BAD_INDENT'],
    [
      `-f text.yaml ${shop}`,
      'cannot use text.yaml: object 1 lacks apiVersion, kind or metadata.name',
    ],
    [
      `-f old.yaml ${shop}`,
      'cannot use old.yaml: object 2 must have apiVersion vaultsecret.dev/v1alpha1',
    ],
    [`a -f vs.yaml ${shop}`, 'a VaultSecret is named, or --file, and not both'],
    ['gone', 'there is no VaultSecret gone in namespace shop'],
    [`-f two.yaml ${shop}`, 'two.yaml must hold exactly one VaultSecret, not 2'],
    [`-f wrong.yaml ${shop}`, 'VaultSecret shop is not valid: spec.data.2.secret.name '],
    [`-f none.yaml ${shop}`, 'none.yaml must hold exactly one VaultSecret, not 0'],
    [
      `-f vs.yaml --resource-group a --aks a -n web`,
      'vs.yaml says namespace shop, and --namespace says web',
    ],
    [
      '-f homeless.yaml --resource-group a --aks a',
      'VaultSecret shop names no namespace; name it with --namespace',
    ],
    [
      '-f unconnected.yaml --resource-group a --aks a',
      'VaultConnection prod, which VaultSecret shop names, is not there; in a file it must stand beside it; or name --vault and --service-account instead of the VaultSecret',
    ],
    [
      '-f lent.yaml --resource-group a --aks a',
      "VaultSecret shop names no ServiceAccount: an identity that ClusterVaultConnection prod lends reads for it; set that one up, with --vault and with --host or the controller's --service-account",
    ],
  ])('refuses %s', async (line, problem) => {
    await expect(setUp(line)).rejects.toThrow(problem);
  });

  test.each<readonly [string, string]>([
    ['--vault shop_prod', '--vault must be the name or URL of a Key Vault'],
    ['--vault a--b', '--vault must be the name or URL of a Key Vault'],
    ['--resource-group shop.', '--resource-group must be the name of a resource group'],
    ["--resource-group it's", '--resource-group must be the name of a resource group'],
    ['--identity-name a', '--identity-name must be the name of an identity'],
    ['--identity-name $(reboot)', '--identity-name must be the name of an identity'],
    ['--host-name -rf', '--host-name'],
    ['--service-account Shop', '--service-account must be the name of a ServiceAccount'],
    ['--namespace a.b', '--namespace must be the name of a namespace'],
    ['--issuer http://a.b', '--issuer must be an https URL'],
    ['--issuer https://a.b/?x', '--issuer must be an https URL'],
    ['--aks a;b', '--aks must be the name of an AKS cluster'],
    ['--secret a/b', '--secret must be the name of a secret in Key Vault'],
    ['--location west/europe', '--location must be a region'],
    [
      '--vault https://shop.example.com',
      '--vault is the URL of no vault in AzurePublic, AzureChina',
    ],
    ['--vault https://a--b.vault.azure.net', '--vault must be the name or URL of a Key Vault'],
    ['--cloud AzureGermany', '--cloud must be AzurePublic, AzureChina or AzureUSGovernment'],
    ['--subscription shop', '--subscription must be a UUID'],
    ['--host laptop', '--host must be vm, vmss, functionapp or webapp'],
    ['--access all', '--access must be role or policy'],
    ['--as terraform', '--as must be az, powershell, arm, bicep or portal'],
  ])('refuses %s', async (line, problem) => {
    await expect(setUp(`${shop} ${line}`)).rejects.toThrow(problem);
  });
});
