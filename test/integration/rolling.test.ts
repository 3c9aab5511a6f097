import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test, vi } from 'vitest';
import { clientIdAnnotation } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { events, secrets, serviceAccounts, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { countRequests } from './attacks/azureRequests.ts';
import { createSynced } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

test('a ServiceAccount that is given another client id reads as that within seconds, and nothing fails meanwhile', async () => {
  const { at, team, secret, vaultSecret } = await createSynced(world);
  const { namespace, serviceAccountName: name, vault } = team;
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
  const clientId = application?.clientId ?? '';
  const subject = `system:serviceaccount:${namespace}:${name}`;
  await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject });
  await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });

  const annotations = { [clientIdAnnotation]: clientId };
  await kube.mergePatch(serviceAccounts, { namespace, name }, { metadata: { annotations } });

  await vi.waitFor(
    async () => expect(await countRequests(world, { vault, clientId, status: 200 })).toBe(1),
    { timeout: 15_000, interval: 50 },
  );
  expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
  expect((await kube.get(vaultSecrets, at)).status).toEqual(vaultSecret.status);
  const told = await kube.list(events, { namespace });
  expect(told.items.filter(({ type }) => type === 'Warning')).toEqual([]);
});
