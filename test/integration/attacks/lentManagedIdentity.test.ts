import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest';
import type { LendableIdentity } from '../../../src/api/vaultConnection.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../../testbed/expectations.ts';
import { clusterVaultConnections, secrets, vaultSecrets } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { createLending, type Borrowed, type HostIdentity } from '../lentManagedIdentity.ts';
import { askForRefresh } from '../syncedVaultSecret.ts';
import { countRequests } from './azureRequests.ts';

const world = openWorld(inject('testbed'));
const { kube, azure, stage } = world;
const lending = createLending(world);
let controller: ControllerProcess;
let user: HostIdentity;
let other: HostIdentity;

beforeAll(async () => {
  [, user] = await lending.createHostIdentities();
  [, other] = await lending.createHostIdentities();
  controller = await world.startController({ env: lending.env });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterEach(() => azure.setHostFaults({}));
afterAll(async () => {
  await lending.clear();
  await world.close();
});

const lent = (): LendableIdentity => ({ kind: 'UserAssignedIdentity', clientId: user.clientId });

/** A VaultSecret that reads with the user-assigned identity; its token is warm. */
async function borrower(): Promise<Borrowed> {
  const borrowed = await lending.borrow(lent(), { reader: user.clientId });
  await untilCondition(kube, borrowed.at, { status: 'True', reason: 'Synced' });
  return borrowed;
}

const hostRequests = () => countRequests(world, { kind: 'imdsToken' });

describe('a lent managed identity', () => {
  test.each([
    ['of its own name', (_: Borrowed, own: string) => `${own}--key`],
    ['of the borrower', ({ at }: Borrowed) => `${at.namespace}--key`],
  ])('reads no object %s for a namespace without the grant', async (_, objectFor) => {
    const borrowed = await borrower();
    const { vault, connection } = borrowed;
    const namespace = await stage.createNamespace();
    const object = objectFor(borrowed, namespace);
    await azure.putSecret(vault, object, { value: 'not lent' });
    const before = [await hostRequests(), await countRequests(world, { vault })];
    const at = { namespace, name: 'app' };

    await kube.create(vaultSecrets, {
      metadata: at,
      spec: {
        vaultConnectionRef: { kind: 'ClusterVaultConnection', name: connection },
        data: [{ dataKey: 'K', secret: { name: object } }],
      },
    });

    await untilCondition(kube, at, {
      status: 'False',
      reason: 'ClusterVaultConnectionNotAvailable',
    });
    expect([await hostRequests(), await countRequests(world, { vault })]).toEqual(before);
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test('gives no token to a host that wants one for another service', async () => {
    const vault = await stage.createVault();
    onTestFinished(() => azure.setVaultFaults(vault, {}));
    await azure.setVaultFaults(vault, { challenge: { resource: 'https://management.azure.com' } });
    const before = await hostRequests();

    const { at, connection } = await lending.borrow(lent(), { reader: user.clientId, vault });

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    expect((await lending.untilTold(connection)).reason).toBe('VaultNotTrusted');
    expect(await hostRequests()).toBe(before);
  });
});

describe('a metadata service that answers', () => {
  test('for another client is told, and that token goes nowhere, though it would be let in', async () => {
    await azure.setHostFaults({ answerAs: other.clientId });

    const { at, vault, connection } = await lending.borrow(lent(), { reader: other.clientId });

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    const { reason, message } = await lending.untilTold(connection);
    expect(reason).toBe('ManagedIdentityMismatch');
    expect(message).toContain(`client id ${user.clientId}`);
    expect(message).toContain('another client id (appid)');
    expect(await countRequests(world, { vault, clientId: other.clientId })).toBe(0);
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test('for another service is told, and that token goes nowhere', async () => {
    await azure.setHostFaults({ answerFor: 'https://management.azure.com' });

    const { at, vault, connection } = await lending.borrow(lent(), { reader: user.clientId });

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    const { message } = await lending.untilTold(connection);
    expect(message).toContain('another audience (aud)');
    expect(await countRequests(world, { vault, kind: 'tokenRejected401' })).toBe(0);
    expect(await countRequests(world, { vault, clientId: user.clientId })).toBe(0);
  });
});

describe('a user-assigned identity that is withdrawn while its token is cached', () => {
  test('from the host: Azure lets the token in until it expires, and the next one is refused', async () => {
    const { at, vault, connection } = await borrower();
    onTestFinished(() => azure.setVaultFaults(vault, {}));
    await azure.setHostFaults({ unassigned: [user.clientId] });
    await azure.putSecret(vault, `${at.namespace}--key`, { value: 'second' });
    await askForRefresh(kube, at);
    await untilSecret(kube, at, { K: 'second' });

    await azure.setVaultFaults(vault, { rejectTokens: true });
    await askForRefresh(kube, at);

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    expect((await lending.untilTold(connection)).reason).toBe('ManagedIdentityNotAssigned');
    // Back with the vault comes no token that was refused.
    await azure.setVaultFaults(vault, {});
    const before = await countRequests(world, { vault, kind: 'get' });
    await kube.mergePatch(vaultSecrets, at, { spec: { refreshInterval: '2m' } });
    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    expect(await countRequests(world, { vault, kind: 'get' })).toBe(before);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ K: 'second' });
  });

  test('from the connection: from that moment on it is the token of the one in its place', async () => {
    const { at, vault, connection } = await borrower();
    const { clientId } = other;
    const before = await countRequests(world, { vault, clientId: user.clientId });

    await kube.mergePatch(
      clusterVaultConnections,
      { name: connection },
      { spec: { lend: { identity: { clientId } } } },
    );
    await askForRefresh(kube, at);

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    expect(await countRequests(world, { vault, clientId, kind: 'get', status: 403 })).not.toBe(0);
    expect(await countRequests(world, { vault, clientId: user.clientId })).toBe(before);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ K: 'lent' });
  });

  test('from the vault: nothing more is read, and the last good Secret stays', async () => {
    const { at, vault, connection } = await borrower();
    await azure.removeRoles({ vault, clientId: user.clientId });
    await azure.putSecret(vault, `${at.namespace}--key`, { value: 'second' });

    await askForRefresh(kube, at);

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    expect((await lending.untilTold(connection)).message).toContain(`--assignee ${user.clientId}`);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ K: 'lent' });
  });
});
