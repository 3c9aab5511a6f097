import { expect } from 'vitest';
import { dispatch } from '../../../../src/cli/dispatch.ts';
import type { SetUpCluster } from '../../../../src/cli/setup/fromCluster.ts';
import { createSetUpCommand } from '../../../../src/cli/setup/setupCommand.ts';
import { readManifest } from '../../../../src/kube/manifest.ts';

const vaultSecret = `# A comment before
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop, namespace: shop}
---
apiVersion: vaultsecret.dev/v1alpha1
kind: VaultSecret
metadata: {name: shop, namespace: shop}
spec:
  vaultUrl: https://shop-prod.vault.azure.net
  serviceAccountName: shop
  data:
    - {dataKey: A, secret: {name: db-password}}
    - {dataKey: B, secret: {name: db-password}}
    - {dataKey: C, secret: {name: api-key}}
`;

const throughConnection = vaultSecret
  .replace(/vaultUrl: .*/, 'vaultConnectionRef: {kind: VaultConnection, name: prod}')
  .replace(/ {2}serviceAccountName: .*\n/, '');

const connection = `
---
apiVersion: vaultsecret.dev/v1alpha1
kind: VaultConnection
metadata: {name: prod, namespace: shop}
spec: {vaultUrl: 'https://shop-prod.vault.azure.net', serviceAccountName: shop}
`;

const lending = `
---
apiVersion: vaultsecret.dev/v1alpha1
kind: ClusterVaultConnection
metadata: {name: prod}
spec:
  vaultUrl: https://shop-prod.vault.azure.net
  allowedNamespaces: {names: [shop]}
  lend: {identity: {kind: ControllerWorkloadIdentity}, objectPatterns: ['*']}
`;

const files: Readonly<Record<string, string>> = {
  'vs.yaml': vaultSecret,
  'china.yaml': vaultSecret.replace('vault.azure.net', 'vault.azure.cn'),
  'connected.yaml': throughConnection + connection,
  'unconnected.yaml': throughConnection,
  'lent.yaml':
    throughConnection.replace('kind: VaultConnection', 'kind: ClusterVaultConnection') + lending,
  'homeless.yaml': vaultSecret.replaceAll(', namespace: shop', ''),
  'two.yaml': `${vaultSecret}---\n${vaultSecret}`,
  'none.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n',
  'wrong.yaml': vaultSecret.replace('name: api-key', 'name: api_key'),
  'old.yaml': vaultSecret.replace('v1alpha1', 'v0'),
  'broken.yaml': 'a: 1\nb: [hunter2\n',
  'text.yaml': 'hunter2\n',
};

const [found] = readManifest(vaultSecret, 'shop').vaultSecrets;

/** Of a cluster with one VaultSecret. */
export function commandsOf(controllerOf: SetUpCluster['controllerOf'] = async () => undefined) {
  const command = createSetUpCommand({
    openCluster: () => ({
      namespace: 'shop',
      reader: {
        vaultSecret: async ({ name }) => (name === 'shop' ? found : undefined),
        connection: async () => undefined,
      },
      issuer: async () => 'https://oidc.example.com/cluster/',
      controllerOf,
    }),
    async readText(file) {
      const text = files[file];
      if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return text;
    },
  });
  return [command];
}

/** What the command prints. @throws OptionsError */
export async function setUp(line: string, commands = commandsOf()): Promise<string> {
  const argv = ['setup', ...line.split(' ').filter((word) => word !== '')];
  const { output, exitCode } = await dispatch(commands, argv, new AbortController().signal);
  expect(exitCode).toBe(0);
  return output;
}

export const shop =
  '--vault shop-prod -n shop --service-account shop --resource-group shop --aks aks';
