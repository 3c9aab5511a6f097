import { vaultConnections, vaultSecrets } from '../../testbed/kubeResources.ts';
import type { World } from '../../testbed/world.ts';
import { faulty } from '../failures.ts';
import type { BrokenSetup } from './brokenSetup.ts';
import type { Patient } from './patient.ts';

const toVault = { 'URL of the vault': 'vaultUrl' } as const;
const withFile = { file: 'anything' } as const;
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3_600;

function respecified({ kube }: World, { namespace, name }: Patient, spec: object) {
  return kube.mergePatch(vaultSecrets, { namespace, name }, { spec });
}

async function byPolicy({ azure }: World, { vault, object, value }: Patient): Promise<void> {
  await azure.createVaults({ name: vault, authorization: 'accessPolicies' });
  await azure.putSecret(vault, object, { value });
}

/** On the way to the vault, at its door, and inside. */
export const brokenVaults: readonly BrokenSetup[] = [
  {
    what: 'the VaultConnection is missing',
    step: 'connection',
    reason: 'VaultConnectionNotFound',
    answers: { VaultConnection: 'serviceAccountName' },
    async cause(world, patient) {
      const { namespace, serviceAccountName: name, vaultUrl } = patient;
      await world.kube.create(vaultConnections, {
        metadata: { namespace, name },
        spec: { vaultUrl },
      });
      const vaultConnectionRef = { kind: 'VaultConnection', name: 'misspelt' };
      await respecified(world, patient, { vaultUrl: null, vaultConnectionRef });
    },
  },
  {
    what: 'the connection names nobody who reads',
    step: 'connection',
    reason: 'IdentityMissing',
    answers: { ServiceAccount: 'serviceAccountName' },
    async cause(world, patient) {
      const { namespace, name, vaultUrl } = patient;
      await world.kube.create(vaultConnections, {
        metadata: { namespace, name },
        spec: { vaultUrl },
      });
      const vaultConnectionRef = { kind: 'VaultConnection', name };
      const spec = { vaultUrl: null, serviceAccountName: null, vaultConnectionRef };
      await respecified(world, patient, spec);
    },
  },
  {
    what: 'the vault is soft-deleted',
    step: 'vaultHost',
    reason: 'KeyVaultHostUnknown',
    cause: ({ azure }, { vault }) => azure.call('DELETE', `/vaults/${vault}`),
  },
  {
    what: 'there is no such vault',
    step: 'vaultHost',
    reason: 'KeyVaultHostUnknown',
    answers: toVault,
    cause: (world, patient) =>
      respecified(world, patient, { vaultUrl: 'https://no-such-vault.vault.azure.net' }),
  },
  {
    what: 'the host is no Key Vault',
    step: 'challenge',
    reason: 'VaultNotTrusted',
    answers: toVault,
    async cause(world, patient) {
      const name = `${patient.vault}x`;
      await world.azure.createVaults({ name });
      const resource = 'https://management.azure.com';
      await world.azure.setVaultFaults(name, { challenge: { resource } });
      await respecified(world, patient, { vaultUrl: `https://${name}.vault.azure.net` });
    },
  },
  {
    what: 'the clock of this machine is ten minutes ahead',
    step: 'clock',
    reason: 'HostClockWrong',
    async cause(_world, patient) {
      patient.clockOffMs = 600_000;
    },
  },
  {
    what: 'the clock of this machine is an hour behind',
    step: 'clock',
    reason: 'HostClockWrong',
    async cause(_world, patient) {
      patient.clockOffMs = -3_600_000;
    },
  },
  {
    what: 'the identity has no role',
    step: 'permission',
    reason: 'KeyVaultRoleMissing',
    cause: ({ azure }, { vault, clientId }) => azure.removeRoles({ vault, clientId }),
  },
  {
    what: 'the identity has a role that reads no values',
    step: 'permission',
    reason: 'KeyVaultRoleMissing',
    async cause({ azure }, { vault, clientId }) {
      await azure.removeRoles({ vault, clientId });
      await azure.assignRoles({ vault, clientId, role: 'Key Vault Reader' });
    },
  },
  {
    what: 'the identity has a role for another secret only',
    step: 'object',
    reason: 'KeyVaultRoleMissing',
    async cause(world, patient) {
      const { vault, clientId, object, dataKey } = patient;
      await world.azure.removeRoles({ vault, clientId });
      await world.azure.putSecret(vault, 'granted', { value: 'x' });
      const role = 'Key Vault Secrets User';
      await world.azure.assignRoles({ vault, clientId, role, secret: 'granted' });
      const granted = { dataKey: 'GRANTED_ONE', secret: { name: 'granted' } };
      await respecified(world, patient, {
        data: [granted, { dataKey, secret: { name: object } }],
      });
    },
  },
  {
    what: 'the access policy lacks get',
    step: 'permission',
    reason: 'KeyVaultPolicyMissing',
    async cause(world, patient) {
      const { vault, clientId } = patient;
      await byPolicy(world, patient);
      await world.azure.setAccessPolicies({ vault, clientId, secrets: ['list'] });
    },
  },
  {
    what: 'the access policy lacks list where it is needed',
    step: 'object',
    reason: 'KeyVaultListForbidden',
    async cause(world, patient) {
      const { vault, clientId, object } = patient;
      await byPolicy(world, patient);
      await world.azure.putSecret(vault, object, { value: 'newer', enabled: false });
      await world.azure.setAccessPolicies({ vault, clientId, secrets: ['get'] });
    },
  },
  {
    what: 'the firewall of the vault keeps us out',
    step: 'permission',
    reason: 'KeyVaultNetworkForbidden',
    cause: faulty({ network: 'clientAddress' }),
  },
  {
    what: 'the vault has a private endpoint, and its name does not lead there',
    step: 'permission',
    reason: 'KeyVaultPublicAccessDisabled',
    answers: { 'group of the zone': 'anything', 'network of the cluster': 'anything' },
    async cause(world, patient) {
      patient.aliases = [`${patient.vault}.privatelink.vaultcore.azure.net`];
      await faulty({ network: 'privateLink' })(world, patient);
    },
  },
  {
    what: 'the vault lets nobody in from outside, and has no private endpoint',
    step: 'permission',
    reason: 'KeyVaultPublicAccessDisabled',
    cause: faulty({ network: 'publicAccessDisabled' }),
  },
  {
    what: 'the object is missing',
    step: 'object',
    reason: 'KeyVaultSecretNotFound',
    answers: withFile,
    cause: (world, patient) =>
      respecified(world, patient, {
        data: [{ dataKey: patient.dataKey, secret: { name: 'forgotten' } }],
      }),
  },
  {
    what: 'the version is missing',
    step: 'object',
    reason: 'KeyVaultVersionNotFound',
    cause: (world, patient) =>
      respecified(world, patient, {
        data: [
          { dataKey: 'FIRST_ONE', secret: { name: patient.object } },
          { dataKey: patient.dataKey, secret: { name: patient.object, version: '0'.repeat(32) } },
        ],
      }),
  },
  {
    what: 'the object is disabled',
    step: 'object',
    reason: 'KeyVaultSecretDisabled',
    cause: ({ azure }, { vault, object }) => azure.changeSecret(vault, object, { enabled: false }),
  },
  {
    what: 'the object is soft-deleted',
    step: 'object',
    reason: 'KeyVaultSecretDeleted',
    cause: ({ azure }, { vault, object }) => azure.deleteSecret(vault, object),
  },
  {
    what: 'the object is not valid yet',
    step: 'object',
    reason: 'KeyVaultSecretNotYetValid',
    cause: ({ azure }, { vault, object }) =>
      azure.changeSecret(vault, object, { notBefore: inAnHour() }),
  },
  {
    what: 'the object has expired',
    step: 'object',
    reason: 'KeyVaultSecretExpired',
    answers: withFile,
    cause: ({ azure }, { vault, object }) => azure.changeSecret(vault, object, { expires: 1 }),
  },
];
