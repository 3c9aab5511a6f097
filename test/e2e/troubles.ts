import { credentialLabel } from '../../src/api/meta.ts';
import { aClientCertificate } from '../support/clientCertificate.ts';
import { untilCondition } from '../testbed/expectations.ts';
import {
  secrets,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import type { E2eWorld } from './world.ts';

const dayMs = 86_400_000;
const data = [{ dataKey: 'K', secret: { name: 'object' } }];
const name = 'troubled';

/** Each ends with a VaultSecret that a controller has looked at. */
export const troubles: readonly ((world: E2eWorld) => Promise<void>)[] = [
  objectExpires,
  certificateExpires,
  throttled,
  unreachable,
  withoutFederatedCredential,
  anotherController,
];

async function objectExpires(world: E2eWorld): Promise<void> {
  const team = await aTeam(world, { expires: Math.floor(Date.now() / 1000) + 3 * 86_400 });
  await world.stage.createVaultSecret(team, name, { data });
  await untilReady(world, team, 'True');
}

/** An application that reads with a certificate from a Secret. */
async function certificateExpires(world: E2eWorld): Promise<void> {
  const { kube, azure, cluster } = world;
  const { namespace, vault, vaultUrl } = await aTeam(world);
  const [application] = await azure.createApplications({});
  const clientId = application?.clientId ?? '';
  await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
  const { certificatePem, keyPem } = aClientCertificate({ notAfterMs: Date.now() + 3 * dayMs });
  await azure.changeApplication(clientId, { certificates: [certificatePem] });
  await kube.create(secrets, {
    metadata: { namespace, name: 'entra', labels: { [credentialLabel]: 'true' } },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': certificatePem, 'tls.key': keyPem },
  });
  const { tenantId } = cluster.azure;
  await kube.create(vaultConnections, {
    metadata: { namespace, name },
    spec: {
      vaultUrl,
      servicePrincipal: { tenantId, clientId, certificateRef: { name: 'entra' } },
    },
  });
  await kube.create(vaultSecrets, {
    metadata: { namespace, name },
    spec: { vaultConnectionRef: { kind: 'VaultConnection', name }, data },
  });
  await untilReady(world, { namespace }, 'True');
}

async function throttled(world: E2eWorld): Promise<void> {
  const team = await aTeam(world);
  await world.azure.setVaultFaults(team.vault, { throttle: {} });
  await world.stage.createVaultSecret(team, name, { data });
  await untilReady(world, team, 'False');
}

/** Of several VaultSecrets, whose failures follow each other faster than those of one. */
async function unreachable(world: E2eWorld): Promise<void> {
  const team = await aTeam(world);
  await world.azure.setVaultFaults(team.vault, { dropConnection: true });
  for (const one of [name, 'second', 'third'])
    await world.stage.createVaultSecret(team, one, { data });
  await untilReady(world, team, 'False');
}

/** Not ready for an hour, as far as its status tells. */
async function withoutFederatedCredential(world: E2eWorld): Promise<void> {
  const team = await aTeam(world);
  const { namespace } = team;
  await world.kube.create(serviceAccounts, {
    metadata: {
      namespace,
      name,
      annotations: { 'azure.workload.identity/client-id': team.clientId },
    },
  });
  await world.stage.createVaultSecret(team, name, { data, serviceAccountName: name });
  await untilReady(world, team, 'False');
  const { status } = await world.kube.get(vaultSecrets, { namespace, name });
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '');
  const conditions = status?.conditions?.map((condition) => ({
    ...condition,
    lastTransitionTime: anHourAgo,
  }));
  await world.kubectl(
    `patch vaultsecret ${name} --namespace ${namespace} --subresource status --type merge --patch`,
    JSON.stringify({ status: { conditions } }),
  );
}

/** One that signs a status, as the controller of another release does. */
async function anotherController(world: E2eWorld): Promise<void> {
  const team = await aTeam(world);
  await world.stage.createVaultSecret(team, name, { data });
  await untilReady(world, team, 'True');
  await world.kubectl(
    `patch vaultsecret ${name} --namespace ${team.namespace} --subresource status --type merge --patch`,
    JSON.stringify({ status: { controller: 'elsewhere/vaultsecret' } }),
  );
}

async function aTeam(
  { azure, stage }: E2eWorld,
  attributes: { readonly expires?: number } = {},
): Promise<Team> {
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'object', { value: 'a value', ...attributes });
  return team;
}

const untilReady = (
  { kube }: E2eWorld,
  { namespace }: Pick<Team, 'namespace'>,
  status: 'True' | 'False',
) => untilCondition(kube, { namespace, name }, { status }, 30_000);
