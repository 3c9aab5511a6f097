import { randomBytes } from 'node:crypto';
import { clientIdAnnotation } from '../../src/api/meta.ts';
import type { AzureAdmin } from './azureAdmin.ts';
import type { KubeClient } from './kubeClient.ts';
import { namespaces, serviceAccounts, vaultSecrets, type VaultSecret } from './kubeResources.ts';
import type { Testbed } from './testbedFile.ts';

/** An application team: a namespace, a ServiceAccount with an identity bound to it, and a vault that this identity may read. */
export interface Team {
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly clientId: string;
  readonly vault: string;
  readonly vaultUrl: string;
}

export interface TeamOptions {
  readonly namespace?: string;
  readonly serviceAccountName?: string;
  /** An existing vault; else one is created. */
  readonly vault?: string;
  /** Of the identity at the vault; null: none. */
  readonly role?: string | null;
}

export type VaultSecretInput = Partial<VaultSecret['spec']> & Pick<VaultSecret['spec'], 'data'>;

const defaultRole = 'Key Vault Secrets User';

/** Sets up what tests act upon; names are new at each call, so that tests share one cluster. */
export interface Stage {
  createNamespace(name?: string): Promise<string>;
  /** Lets the ServiceAccount act as a new identity, and says so in its annotation. Answers the client id. */
  createServiceAccount(at: { namespace: string; name: string }): Promise<string>;
  /** Empty, and nobody may read it. Answers its name. */
  createVault(name?: string): Promise<string>;
  createTeam(options?: TeamOptions): Promise<Team>;
  /** Whatever the spec leaves out is the team's. */
  createVaultSecret(team: Team, name: string, spec: VaultSecretInput): Promise<VaultSecret>;
  /** Deletes the namespaces that were created, VaultSecrets first. */
  clear(): Promise<void>;
}

export function createStage(
  kube: KubeClient,
  azure: AzureAdmin,
  { issuer }: Pick<Testbed, 'issuer'>,
): Stage {
  const created: string[] = [];

  const stage: Stage = {
    async createNamespace(name = uniqueName('team')) {
      await kube.create(namespaces, { metadata: { name } });
      created.push(name);
      return name;
    },
    async createServiceAccount({ namespace, name }) {
      const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
      if (application === undefined) throw new Error('the stand-in created no identity');
      const { clientId } = application;
      const subject = `system:serviceaccount:${namespace}:${name}`;
      await azure.addFederatedCredentials({ clientId, issuer, subject });
      await kube.create(serviceAccounts, {
        metadata: { namespace, name, annotations: { [clientIdAnnotation]: clientId } },
      });
      return clientId;
    },
    async createVault(name = uniqueName('vault')) {
      await azure.createVaults({ name });
      return name;
    },
    async createTeam(options = {}) {
      const { serviceAccountName = 'app', role = defaultRole } = options;
      const [namespace, vault] = await Promise.all([
        stage.createNamespace(options.namespace),
        options.vault ?? stage.createVault(),
      ]);
      const clientId = await stage.createServiceAccount({ namespace, name: serviceAccountName });
      if (role !== null) await azure.assignRoles({ vault, clientId, role });
      const vaultUrl = `https://${vault}.vault.azure.net`;
      return { namespace, serviceAccountName, clientId, vault, vaultUrl };
    },
    createVaultSecret({ namespace, vaultUrl, serviceAccountName }, name, spec) {
      return kube.create(vaultSecrets, {
        metadata: { namespace, name },
        spec: { vaultUrl, serviceAccountName, ...spec },
      });
    },
    async clear() {
      await Promise.all(
        created.splice(0).map(async (name) => {
          await kube.deleteAll(vaultSecrets, name);
          await kube.delete(namespaces, { name });
        }),
      );
    },
  };
  return stage;
}

function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
