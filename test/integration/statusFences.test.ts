import { afterAll, expect, inject, test } from 'vitest';
import type { VaultSecretStatus } from '../../src/api/vaultSecret.ts';
import { loadKubeConfig } from '../../src/kube/config.ts';
import { createConnectionReader, createVaultConnectionClient } from '../../src/kube/connections.ts';
import { createApiClient } from '../../src/kube/request.ts';
import { createVaultSecretClient } from '../../src/kube/vaultSecrets.ts';
import type { VaultSecret } from '../../src/core/observed/observed.ts';
import { createSystemClock } from '../../src/system.ts';
import { vaultConnections, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { data } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
const api = createApiClient(loadKubeConfig([testbed.controllerKubeconfig], createSystemClock()));
const client = createVaultSecretClient(api);
afterAll(() => world.close());

const statusOf = (message: string): VaultSecretStatus => ({
  observedGeneration: 1,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Synced',
      message,
      lastTransitionTime: '2026-11-25T12:00:00Z',
      observedGeneration: 1,
    },
  ],
  syncedAt: '2026-11-25T12:00:00Z',
});

/** A VaultSecret that no controller looks at, as one replica saw it. */
async function seen(): Promise<VaultSecret> {
  const team = await stage.createTeam();
  await stage.createVaultSecret(team, 'app', { data });
  const found = await client.get({ namespace: team.namespace, name: 'app' });
  if (found === undefined) throw new TypeError('it is gone');
  return found;
}

const messageIn = async (at: { namespace: string; name: string }) =>
  (await kube.get(vaultSecrets, at)).status?.conditions?.[0]?.message;

test('a leader that was overtaken cannot put an old status over a new one', async () => {
  const before = await seen();
  await client.replaceStatus(before, statusOf('new'));

  await expect(client.replaceStatus(before, statusOf('old'))).rejects.toMatchObject({
    status: 422,
    causes: [],
  });
  expect(await messageIn(before)).toBe('new');
});

test('one that knows the newest status replaces it, first and later, with one request each', async () => {
  const before = await seen();
  const first = await client.replaceStatus(before, statusOf('first'));
  const { metadata } = await kube.get(vaultSecrets, before);
  expect(first?.metadata.resourceVersion).toBe(metadata.resourceVersion);

  const second = first && (await client.replaceStatus(first.body, statusOf('second')));
  expect(await messageIn(before)).toBe('second');
  expect(second?.body.status).toEqual(statusOf('second'));
  const writes = (await world.writes()).filter(({ namespace }) => namespace === before.namespace);
  expect(
    writes.flatMap(({ resource, status }) => (resource.endsWith('/status') ? [status] : [])),
  ).toEqual([200, 200]);
});

test.each([
  ['labelled', { metadata: { labels: { team: 'a' } } }],
  ['asked for a refresh', { metadata: { annotations: { 'vaultsecret.dev/refresh': '1' } } }],
  ['edited', { spec: { refreshInterval: '2h' } }],
])('a VaultSecret that is %s meanwhile gets its status', async (_, patch) => {
  const before = await seen();
  await kube.mergePatch(vaultSecrets, before, patch);
  await client.replaceStatus(before, statusOf('new'));

  expect(await messageIn(before)).toBe('new');
});

test('one that is made again under its name does not get the status of the one before', async () => {
  const before = await seen();
  await kube.delete(vaultSecrets, before);
  const { spec } = before;
  await kube.create(vaultSecrets, {
    metadata: { namespace: before.namespace, name: before.name },
    spec,
  });

  await expect(client.replaceStatus(before, statusOf('old'))).rejects.toMatchObject({
    status: 404,
  });
  expect(await messageIn(before)).toBeUndefined();
});

test('a connection keeps the newest status as well', async () => {
  const { namespace, vaultUrl } = await stage.createTeam();
  const at = { namespace, name: 'team' };
  await kube.create(vaultConnections, { metadata: at, spec: { vaultUrl } });
  const connections = createVaultConnectionClient(api);
  const before = await createConnectionReader(api).vaultConnection(at);
  if (before === undefined) throw new TypeError('it is gone');
  const { conditions = [] } = statusOf('new');
  await connections.replaceStatus(before, { observedGeneration: 1, conditions });

  await expect(
    connections.replaceStatus(before, { observedGeneration: 1, conditions: [] }),
  ).rejects.toMatchObject({ status: 422, causes: [] });
  expect(await kube.get(vaultConnections, at)).toMatchObject({ status: { conditions } });
});
