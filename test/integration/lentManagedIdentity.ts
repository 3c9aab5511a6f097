import { tokenExchangeAudience } from '../../src/api/meta.ts';
import type { LendableIdentity } from '../../src/api/vaultConnection.ts';
import { controllerName, controllerNamespace } from '../testbed/installation.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { clusterVaultConnections, vaultSecrets } from '../testbed/kubeResources.ts';
import type { World } from '../testbed/world.ts';

/** A managed identity of the host on which the controller runs. */
export interface HostIdentity {
  readonly clientId: string;
  readonly objectId: string;
  readonly resourceId: string;
}

export interface BorrowOptions {
  /** Client id of who may read the vault; nobody unless given. */
  readonly reader?: string;
  readonly vault?: string;
  readonly namespace?: string;
}

export interface Borrowed {
  readonly at: { readonly namespace: string; readonly name: string };
  readonly vault: string;
  readonly connection: string;
}

/** Lends managed identities of the host to namespaces, on the stand-in and the real API server. */
export function createLending({ kube, azure, stage, testbed }: World) {
  const connections: string[] = [];
  const identities: string[] = [];

  async function createIdentity(kind: 'systemAssignedIdentity' | 'userAssignedIdentity') {
    const [identity] = await azure.createApplications({ kind });
    if (identity === undefined) throw new Error('the stand-in created no identity');
    identities.push(identity.clientId);
    return identity;
  }

  return {
    /** Variables with which the controller finds the host's metadata service. */
    env: { AZURE_POD_IDENTITY_AUTHORITY_HOST: testbed.azure.imdsEndpoint },

    /** The system-assigned one, and a user-assigned one. */
    async createHostIdentities(): Promise<[HostIdentity, HostIdentity]> {
      return [
        await createIdentity('systemAssignedIdentity'),
        await createIdentity('userAssignedIdentity'),
      ];
    },

    /** Lets the controller's own ServiceAccount act as this client. Answers a token with which it could. */
    async trustPodAs(clientId: string): Promise<string> {
      const at = { namespace: controllerNamespace, name: controllerName };
      const subject = `system:serviceaccount:${at.namespace}:${at.name}`;
      await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject });
      return kube.requestToken(at, { audience: tokenExchangeAudience });
    },

    /** A VaultSecret whose one object, under K, only the lent identity could read. */
    async borrow(identity: LendableIdentity, options: BorrowOptions = {}): Promise<Borrowed> {
      const { reader, vault = await stage.createVault() } = options;
      const { namespace = await stage.createNamespace() } = options;
      const object = `${namespace}--key`;
      await azure.putSecret(vault, object, { value: 'lent' });
      const role = 'Key Vault Secrets User';
      if (reader !== undefined) await azure.assignRoles({ vault, clientId: reader, role });
      const name = `${vault}-${namespace}`;
      connections.push(name);
      await kube.create(clusterVaultConnections, {
        metadata: { name },
        spec: {
          vaultUrl: `https://${vault}.vault.azure.net`,
          allowedNamespaces: { names: [namespace] },
          lend: { identity, objectPatterns: ['{namespace}--*'] },
        },
      });
      const at = { namespace, name: 'app' };
      await kube.create(vaultSecrets, {
        metadata: at,
        spec: {
          vaultConnectionRef: { kind: 'ClusterVaultConnection', name },
          data: [{ dataKey: 'K', secret: { name: object } }],
        },
      });
      return { at, vault, connection: name };
    },

    /** The condition by which the administrator learns what went wrong. */
    untilTold: (name: string) =>
      untilObject(
        kube,
        clusterVaultConnections,
        { name },
        {
          what: 'the administrator to be told',
          holds: (found) => found?.status?.conditions?.find(({ status }) => status === 'False'),
        },
      ),

    async clear(): Promise<void> {
      for (const name of connections) await kube.delete(clusterVaultConnections, { name });
      for (const clientId of identities) await azure.call('DELETE', `/applications/${clientId}`);
    },
  };
}
