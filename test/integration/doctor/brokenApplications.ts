import { randomUUID } from 'node:crypto';
import { credentialLabel } from '../../../src/api/meta.ts';
import {
  clusterVaultConnections,
  secrets,
  vaultConnections,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import type { World } from '../../testbed/world.ts';
import type { BrokenSetup } from './brokenSetup.ts';
import type { Patient } from './patient.ts';

const day = 86_400_000;
const offered = { [credentialLabel]: 'true' };

interface Stored {
  readonly labels?: Record<string, string>;
  readonly expiresAtMs?: number;
  /** What Microsoft Entra ID knows, where that is not what the Secret holds. */
  readonly registered?: string;
  readonly clientId?: string;
}

/** Lets an application read whose client secret lies in a Secret, instead of the ServiceAccount. */
async function readByApplication(
  { kube, azure, testbed }: World,
  patient: Patient,
  { labels = offered, expiresAtMs = Date.now() + day, ...stored }: Stored,
): Promise<void> {
  const { namespace, name, vault, vaultUrl } = patient;
  const value = randomUUID();
  const [application] = await azure.createApplications({
    clientSecrets: [{ value: stored.registered ?? value, expiresAtMs }],
  });
  patient.clientId = application?.clientId ?? '';
  await azure.assignRoles({ vault, clientId: patient.clientId, role: 'Key Vault Secrets User' });
  await kube.create(secrets, { metadata: { namespace, name, labels }, stringData: { key: value } });
  const { clientId = patient.clientId } = stored;
  const { tenantId } = testbed.azure;
  const servicePrincipal = { tenantId, clientId, secretRef: { name, key: 'key' } };
  await kube.create(vaultConnections, {
    metadata: { namespace, name },
    spec: { vaultUrl, servicePrincipal },
  });
  const vaultConnectionRef = { kind: 'VaultConnection', name };
  const spec = { vaultUrl: null, serviceAccountName: null, vaultConnectionRef };
  await kube.mergePatch(vaultSecrets, { namespace, name }, { spec });
}

const stored =
  (how: Stored): BrokenSetup['cause'] =>
  (world, patient) =>
    readByApplication(world, patient, how);

/** Names the vault for one other namespace, and lends nobody's identity. */
async function connectByCluster({ kube }: World, patient: Patient): Promise<void> {
  const { namespace, name, vaultUrl } = patient;
  const connection = `of-${namespace}`;
  await kube.create(clusterVaultConnections, {
    metadata: { name: connection },
    spec: { vaultUrl, allowedNamespaces: { names: ['another'] } },
  });
  patient.leave = () => kube.delete(clusterVaultConnections, { name: connection });
  const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: connection };
  const spec = { vaultUrl: null, vaultConnectionRef };
  await kube.mergePatch(vaultSecrets, { namespace, name }, { spec });
}

/** With a credential that somebody stores and renews, or forgets to. */
export const brokenApplications: readonly BrokenSetup[] = [
  {
    what: 'the ClusterVaultConnection is not for this namespace',
    step: 'connection',
    reason: 'ClusterVaultConnectionNotAvailable',
    cause: connectByCluster,
  },
  {
    what: 'the client secret has expired',
    step: 'exchange',
    reason: 'ClientSecretExpired',
    cause: (world, patient) => readByApplication(world, patient, { expiresAtMs: Date.now() - day }),
  },
  {
    what: 'the client secret is another one',
    step: 'exchange',
    reason: 'ClientSecretWrong',
    cause: stored({ registered: 'another' }),
  },
  {
    what: 'the Secret is not offered as a credential',
    step: 'credential',
    reason: 'CredentialSecretNotFound',
    cause: stored({ labels: {} }),
  },
  {
    what: 'the application is one of nobody',
    step: 'exchange',
    reason: 'ApplicationNotFound',
    answers: { 'client id of the application': 'clientId' },
    cause: stored({ clientId: randomUUID() }),
  },
];
