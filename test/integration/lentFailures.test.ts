import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { clusterVaultConnections, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { createControllerIdentity } from './attacks/controllerIdentity.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess | undefined;
const connections: string[] = [];

afterEach(async () => {
  await controller?.end('SIGTERM');
  for (const name of connections.splice(0)) await kube.delete(clusterVaultConnections, { name });
});
afterAll(() => world.close());

async function startController(env: Readonly<Record<string, string>> = {}): Promise<void> {
  controller = await world.startController({ env });
  await controller.untilReady();
}

/** A VaultSecret whose objects only a lent identity could read. */
async function borrow(vault: string, isLent = true) {
  const namespace = await stage.createNamespace();
  const name = `connection-${vault}`;
  connections.push(name);
  const lend = {
    identity: { kind: 'ControllerWorkloadIdentity' },
    objectPatterns: ['{namespace}--*'],
  };
  await kube.create(clusterVaultConnections, {
    metadata: { name },
    spec: {
      vaultUrl: `https://${vault}.vault.azure.net`,
      allowedNamespaces: { names: [namespace] },
      ...(isLent ? { lend } : {}),
    },
  });
  await kube.create(vaultSecrets, {
    metadata: { namespace, name: 'app' },
    spec: {
      vaultConnectionRef: { kind: 'ClusterVaultConnection', name },
      data: [{ dataKey: 'K', secret: { name: `${namespace}--key` } }],
    },
  });
  return { at: { namespace, name: 'app' }, connection: name };
}

async function messageWith(at: { namespace: string; name: string }, reason: string) {
  const { status } = await untilCondition(kube, at, { status: 'False', reason });
  return status?.conditions?.[0]?.message;
}

describe('a borrower is told when', () => {
  test('the controller has no identity to lend', async () => {
    await startController();
    const { at, connection } = await borrow(await stage.createVault());

    const message = await messageWith(at, 'LentIdentityNotConfigured');

    expect(message).toMatch(/^VS135: /);
    expect(message).toContain(`ClusterVaultConnection ${connection} lends the identity`);
  });

  test('nobody is named to read', async () => {
    await startController();
    const { at } = await borrow(await stage.createVault(), false);

    const message = await messageWith(at, 'IdentityMissing');

    expect(message).toMatch(/^VS130: /);
    expect(message).toContain(`kubectl get serviceaccounts --namespace ${at.namespace}`);
  });

  test('the token of the controller cannot be read, of which the administrator hears more', async () => {
    const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
    await startController({
      AZURE_CLIENT_ID: application?.clientId ?? '',
      AZURE_FEDERATED_TOKEN_FILE: join(tmpdir(), 'nothing', 'token'),
    });
    const { at, connection } = await borrow(await stage.createVault());

    const message = await messageWith(at, 'LentReadRefused');

    expect(message).toMatch(/^VS136: .*[(]VS121[)]/);
    expect(message).toContain(`kubectl describe clustervaultconnection ${connection}`);
    const told = await untilObject(
      kube,
      clusterVaultConnections,
      { name: connection },
      {
        what: 'the administrator to be told',
        holds: (found) => found?.status?.conditions?.find(({ status }) => status === 'False'),
      },
    );
    expect(told.reason).toBe('ControllerTokenUnreadable');
    expect(told.message).toContain(
      'VS121: The controller cannot read the token of its own pod (ENOENT)',
    );
  });

  test('the vault throttles', async () => {
    const identity = await createControllerIdentity(world);
    await startController(identity.env);
    const vault = await stage.createVault();
    await azure.setVaultFaults(vault, { throttle: {} });
    const { at, connection } = await borrow(vault);

    const message = await messageWith(at, 'LentReadUnavailable');

    expect(message).toMatch(/^VS137: .*[(]VS304[)]/);
    expect(message).toContain(`kubectl describe clustervaultconnection ${connection}`);
    await identity.close();
  });
});
