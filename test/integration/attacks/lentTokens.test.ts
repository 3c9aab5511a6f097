import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { untilCondition } from '../../testbed/expectations.ts';
import { clusterVaultConnections, secrets, vaultSecrets } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { createControllerIdentity, type ControllerIdentity } from './controllerIdentity.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let own: ControllerIdentity;
let controller: ControllerProcess;
const connections: string[] = [];

beforeAll(async () => {
  own = await createControllerIdentity(world);
  controller = await world.startController({ env: own.env });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  await Promise.all(connections.map((name) => kube.delete(clusterVaultConnections, { name })));
  await world.close();
  await own.close();
});

const notLent = { status: 'False', reason: 'TokenNotLent' } as const;

/** A namespace with a VaultSecret of one access token, through a connection that lends the controller's identity. */
async function borrow(resource: string, allowTokens?: readonly string[]) {
  const namespace = await stage.createNamespace();
  const vault = await stage.createVault();
  connections.push(vault);
  await kube.create(clusterVaultConnections, {
    metadata: { name: vault },
    spec: {
      vaultUrl: `https://${vault}.vault.azure.net`,
      allowedNamespaces: { names: [namespace] },
      lend: {
        identity: { kind: 'ControllerWorkloadIdentity' },
        objectPatterns: ['{namespace}--*'],
        ...(allowTokens === undefined ? {} : { allowTokens }),
      },
    },
  });
  const at = { namespace, name: 'app' };
  await azure.resetRequestCounts();
  await kube.create(vaultSecrets, {
    metadata: at,
    spec: {
      vaultConnectionRef: { kind: 'ClusterVaultConnection', name: vault },
      data: [{ dataKey: 'TOKEN', accessToken: { resource } }],
    },
  });
  return { vault, at };
}

describe('an access token of a lent identity', () => {
  test.each([
    ['is not had where none is lent', 'arm', undefined],
    ['is not had for another resource than the lent one', 'arm', ['sql']],
    ['is not had for the vault, because its objects are lent', 'keyVault', undefined],
    ['is not had by a scope that looks alike', 'https://management.azure.com//.default', ['arm']],
  ])('%s, and Microsoft Entra ID is not asked', async (_, resource, allowTokens) => {
    const { at } = await borrow(resource, allowTokens);

    await untilCondition(kube, at, notLent);

    expect(await kube.find(secrets, at)).toBeUndefined();
    expect((await azure.requestCounts()).counts).toEqual([]);
  });

  test('is not renewed any more once it is withdrawn, though the token is warm', async () => {
    const { vault, at } = await borrow('arm', ['arm']);
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    await azure.resetRequestCounts();

    const lend = { allowTokens: null };
    await kube.mergePatch(clusterVaultConnections, { name: vault }, { spec: { lend } });

    await untilCondition(kube, at, notLent);
    expect((await azure.requestCounts()).counts).toEqual([]);
  });
});
