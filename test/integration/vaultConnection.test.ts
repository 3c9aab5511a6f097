import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clientIdAnnotation, credentialLabel } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, serviceAccounts, vaultConnections } from '../testbed/kubeResources.ts';
import { kubectl } from '../testbed/kubectl.ts';
import { openWorld } from '../testbed/world.ts';
import { writesIn } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
const { tenantId } = testbed.azure;
const clientId = '11111111-1111-4111-8111-111111111111';
const vaultUrl = 'https://shop-prod.vault.azure.net';
const servicePrincipal = {
  tenantId,
  clientId,
  secretRef: { name: 'entra', key: 'client-secret' },
};
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

async function connect(spec: object = {}, namespace?: string) {
  const at = { namespace: namespace ?? (await stage.createNamespace()), name: 'team' };
  await kube.create(vaultConnections, { metadata: at, spec: { vaultUrl, ...spec } });
  return at;
}

type At = Awaited<ReturnType<typeof connect>>;

const untilReason = (at: At, reason: string) =>
  untilObject(kube, vaultConnections, at, {
    what: `reason ${reason}`,
    holds: (found) => found?.status?.conditions?.[0]?.reason === reason && found,
  });

/** What was written there, once a later connection was judged: the audit log tells of a write a moment after it counts. */
async function writesWhenSettled({ namespace }: Pick<At, 'namespace'>): Promise<string[]> {
  await untilReason(await connect({ serviceAccountName: 'nobody' }), 'ServiceAccountNotFound');
  return writesIn(world, namespace);
}

/** A line of words, as users see it. */
async function shown(at: At, ...columns: readonly string[]): Promise<string> {
  const args = ['get', 'vaultconnections', '--namespace', at.namespace];
  const { output } = await kubectl(testbed.kubeconfig, args);
  const [heads = [], words = []] = output.split('\n').map((line) => line.split(/ {2,}/));
  return columns.map((column) => words[heads.indexOf(column)]).join(' ');
}

test('kubectl shows whether it can be used, and waits until it can', async () => {
  const at = await connect({ serviceAccountName: 'reader' });
  await untilReason(at, 'ServiceAccountNotFound');
  expect(await shown(at, 'SERVICEACCOUNT', 'READY', 'REASON')).toBe(
    'reader False ServiceAccountNotFound',
  );

  const wait = ['wait', '--for=condition=Ready', 'vaultconnection/team', '--timeout=15s'];
  const waiting = kubectl(testbed.kubeconfig, [...wait, '--namespace', at.namespace]);
  await stage.createServiceAccount({ namespace: at.namespace, name: 'reader' });

  expect(await waiting).toMatchObject({ status: 0 });
  expect(await shown(at, 'READY', 'REASON')).toBe('True Valid');
});

test('it follows its ServiceAccount and its own spec', async () => {
  const at = await connect({ serviceAccountName: 'reader' });
  const account = { namespace: at.namespace, name: 'reader' };
  await stage.createServiceAccount(account);
  await untilReason(at, 'Valid');

  await kube.mergePatch(serviceAccounts, account, {
    metadata: { annotations: { [clientIdAnnotation]: null } },
  });
  await untilReason(at, 'ClientIdMissing');
  await kube.mergePatch(vaultConnections, at, { spec: { clientId } });
  const { metadata, status } = await untilReason(at, 'Valid');
  expect(status?.observedGeneration).toBe(metadata.generation);

  await kube.delete(serviceAccounts, account);
  await untilReason(at, 'ServiceAccountNotFound');
});

test('it follows the Secret with its credential, and tells nothing of that but the names of keys', async () => {
  const at = await connect({ servicePrincipal });
  const metadata = { namespace: at.namespace, name: 'entra' };
  await untilReason(at, 'CredentialSecretNotFound');

  const stringData = { other: 'canary-of-others' };
  await kube.create(secrets, { metadata, stringData });
  await kube.mergePatch(secrets, metadata, {
    metadata: { labels: { [credentialLabel]: 'true' } },
  });
  const lacking = await untilReason(at, 'CredentialKeyMissing');
  await kube.mergePatch(secrets, metadata, { stringData: { 'client-secret': 'canary-of-entra' } });
  const usable = await untilReason(at, 'Valid');

  expect(JSON.stringify([lacking, usable])).not.toContain('canary');
  await kube.mergePatch(secrets, metadata, { metadata: { labels: { [credentialLabel]: null } } });
  await untilReason(at, 'CredentialSecretNotFound');
});

test('a connection, a ServiceAccount and a Secret that come in one go never look unusable', async () => {
  const namespace = await stage.createNamespace();
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const metadata = { namespace, name };
    await stage.createServiceAccount(metadata);
    await kube.create(vaultConnections, { metadata, spec: { vaultUrl, serviceAccountName: name } });
  }
  for (const name of ['a', 'b', 'c', 'd', 'e']) await untilReason({ namespace, name }, 'Valid');

  expect((await writesWhenSettled({ namespace })).toSorted()).toEqual(
    ['a', 'b', 'c', 'd', 'e'].map((name) => `patch vaultconnections/${name}/status 200`),
  );
});

test('a restart writes no status again', async () => {
  const at = await connect({ serviceAccountName: 'reader' });
  await untilReason(at, 'ServiceAccountNotFound');
  const before = await writesWhenSettled(at);
  await controller.end('SIGTERM');

  controller = await world.startController();
  await controller.untilReady();

  expect(await writesWhenSettled(at)).toEqual(before);
});
