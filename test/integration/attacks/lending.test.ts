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
import { textsOf, untilCondition } from '../../testbed/expectations.ts';
import {
  clusterVaultConnections,
  events,
  secrets,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { untilObject, untilObjects } from '../../testbed/kubeConditions.ts';
import { countRequests } from './azureRequests.ts';
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

const kind = 'ClusterVaultConnection';

const specOf = (vault: string, names: readonly string[], patterns: readonly string[]) => ({
  vaultUrl: `https://${vault}.vault.azure.net`,
  allowedNamespaces: { names },
  lend: { identity: { kind: 'ControllerWorkloadIdentity' }, objectPatterns: patterns },
});

/** A vault that the controller's identity may read, lent to the namespaces by its own name. */
async function lend(names: readonly string[], patterns = ['{namespace}--*']): Promise<string> {
  const vault = await stage.createVault();
  await azure.assignRoles({ vault, clientId: own.clientId, role: 'Key Vault Secrets User' });
  connections.push(vault);
  const metadata = { name: vault };
  await kube.create(clusterVaultConnections, { metadata, spec: specOf(vault, names, patterns) });
  await untilObject(kube, clusterVaultConnections, metadata, {
    what: 'the controller to have seen it',
    holds: (found) => found?.status?.observedGeneration === 1,
  });
  return vault;
}

async function borrow(
  namespace: string,
  connection: string,
  ...objects: string[]
): Promise<{ namespace: string; name: string }> {
  const at = { namespace, name: 'app' };
  const data = objects.map((name, index) => ({ dataKey: `K${index}`, secret: { name } }));
  const vaultConnectionRef = { kind, name: connection };
  await kube.create(vaultSecrets, { metadata: at, spec: { vaultConnectionRef, data } });
  return at;
}

const requestsAt = (vault: string) => countRequests(world, { vault });

/** A namespace whose VaultSecret holds what it was lent; the token is warm. */
async function borrower() {
  const namespace = await stage.createNamespace();
  const vault = await lend([namespace]);
  await azure.putSecret(vault, `${namespace}--key`, { value: 'lent' });
  const at = await borrow(namespace, vault, `${namespace}--key`);
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  return { vault, at, namespace, before: await requestsAt(vault) };
}

describe('a lent identity that is withdrawn while token and values are warm', () => {
  const unavailable = { status: 'False', reason: 'ClusterVaultConnectionNotAvailable' } as const;

  test('from the namespace by a longer one that owns the object, which no connection names', async () => {
    const namespace = await stage.createNamespace();
    const vault = await lend([namespace]);
    await azure.putSecret(vault, `${namespace}--b--key`, { value: 'lent' });
    const at = await borrow(namespace, vault, `${namespace}--b--key`);
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    const before = await requestsAt(vault);

    await stage.createNamespace(`${namespace}--b`);

    await untilCondition(kube, at, { status: 'False', reason: 'ObjectNotLent' });
    const overlap = await untilObject(
      kube,
      clusterVaultConnections,
      { name: vault },
      {
        what: 'the overlap to be named',
        holds: (found) =>
          found?.status?.conditions?.find(({ type }) => type === 'NamesOverlap')?.message,
      },
    );
    expect(overlap).toContain(`${namespace} and ${namespace}--b`);
    expect(await requestsAt(vault)).toBe(before);
  });

  test('from the namespace by name', async () => {
    const { vault, at, before } = await borrower();
    const spec = { allowedNamespaces: { names: ['somebody-else'] } };

    await kube.mergePatch(clusterVaultConnections, { name: vault }, { spec });

    await untilCondition(kube, at, unavailable);
    await kube.mergePatch(vaultSecrets, at, { spec: { refreshInterval: '2m' } });
    await untilCondition(kube, at, unavailable);
    expect(await requestsAt(vault)).toBe(before);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ K0: 'lent' });
  });

  test('with the connection', async () => {
    const { vault, at, before } = await borrower();

    await kube.delete(clusterVaultConnections, { name: vault });

    await untilCondition(kube, at, unavailable);
    expect(await requestsAt(vault)).toBe(before);
  });

  test('with the connection, which is made again for others', async () => {
    const { vault, at, before } = await borrower();
    await kube.delete(clusterVaultConnections, { name: vault });

    const spec = specOf(vault, ['somebody-else'], ['{namespace}--*']);
    await kube.create(clusterVaultConnections, { metadata: { name: vault }, spec });

    await untilCondition(kube, at, unavailable);
    await kube.mergePatch(vaultSecrets, at, { spec: { refreshInterval: '2m' } });
    await untilCondition(kube, at, unavailable);
    expect(await requestsAt(vault)).toBe(before);
  });

  test('by a pattern that is narrowed', async () => {
    const { vault, at, before } = await borrower();
    const spec = { lend: { objectPatterns: ['{namespace}--public-*'] } };

    await kube.mergePatch(clusterVaultConnections, { name: vault }, { spec });

    await untilCondition(kube, at, { status: 'False', reason: 'ObjectNotLent' });
    expect(await requestsAt(vault)).toBe(before);
  });

  test('by lending nothing any more', async () => {
    const { vault, at, before } = await borrower();

    await kube.mergePatch(clusterVaultConnections, { name: vault }, { spec: { lend: null } });

    await untilCondition(kube, at, { status: 'False', reason: 'IdentityMissing' });
    expect(await requestsAt(vault)).toBe(before);
  });

  test('at the vault: the user is told no more than that', async () => {
    const { vault, at } = await borrower();
    await azure.removeRoles({ vault, clientId: own.clientId });

    await kube.mergePatch(vaultSecrets, at, { spec: { refreshInterval: '2m' } });

    const refused = await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
    expect(JSON.stringify(refused.status)).not.toContain(own.clientId);
  });
});

describe('status and requests are no oracle for objects that are not lent', () => {
  /** What the namespace sees of an attempt, without the name that it asked for itself. */
  async function sightOf(namespace: string, vault: string, object: string): Promise<unknown> {
    const at = await borrow(namespace, vault, object);
    const found = await untilCondition(kube, at, { status: 'False', reason: 'ObjectNotLent' });
    await kube.delete(vaultSecrets, at);
    const { conditions = [], ...rest } = found.status ?? {};
    const said = conditions.map(({ type, status, reason, message }) =>
      [type, status, reason, message.replaceAll(object, 'X')].join(' '),
    );
    return { said, rest };
  }

  test.each([
    ['others own', 'others--key', { value: 'x' }],
    ['is disabled', 'others--off', { value: 'x', enabled: false }],
    ['is expired', 'others--old', { value: 'x', expires: 1 }],
    ['begins with the name of the namespace', 'NAMESPACE-key', { value: 'x' }],
    ['ends with what is lent', 'x-NAMESPACE--key', { value: 'x' }],
  ])('one that %s looks like one that is not there', async (_what, named, secret) => {
    const namespace = await stage.createNamespace();
    const vault = await lend([namespace]);
    const object = named.replace('NAMESPACE', namespace);
    await azure.putSecret(vault, object, secret);

    const seen = await sightOf(namespace, vault, object);

    expect(seen).toEqual(await sightOf(namespace, vault, 'nothing--key'));
    expect(await requestsAt(vault)).toBe(0);
  });

  test('one beside an object that is lent keeps that from being asked for, too', async () => {
    const namespace = await stage.createNamespace();
    const vault = await lend([namespace]);
    await azure.putSecret(vault, `${namespace}--key`, { value: 'lent' });
    await azure.putSecret(vault, 'others--key', { value: 'x' });

    const at = await borrow(namespace, vault, `${namespace}--key`, 'others--key');

    await untilCondition(kube, at, { status: 'False', reason: 'ObjectNotLent' });
    expect(await requestsAt(vault)).toBe(0);
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test("one of a namespace whose name begins with the borrower's", async () => {
    const namespace = await stage.createNamespace();
    const longer = await stage.createNamespace(`${namespace}--b`);
    const vault = await lend([namespace, longer]);
    await azure.putSecret(vault, `${longer}--key`, { value: "the neighbour's" });

    const at = await borrow(namespace, vault, `${longer}--key`);

    await untilCondition(kube, at, { status: 'False', reason: 'ObjectNotLent' });
    expect(await requestsAt(vault)).toBe(0);
  });

  test('a connection for others looks like one that is not there', async () => {
    const namespace = await stage.createNamespace();
    const vault = await lend(['somebody-else']);
    const message = async (connection: string): Promise<string | undefined> => {
      const at = await borrow(namespace, connection, 'key');
      const reason = 'ClusterVaultConnectionNotAvailable';
      const { status } = await untilCondition(kube, at, { status: 'False', reason });
      await kube.delete(vaultSecrets, at);
      return status?.conditions?.[0]?.message.replaceAll(connection, 'X');
    };

    expect(await message(vault)).toBe(await message('nothing'));
    expect(await requestsAt(vault)).toBe(0);
  });
});

describe('what others were lent shows nowhere in a namespace', () => {
  test('neither ids nor vault, when the identity that was lent is refused', async () => {
    const namespace = await stage.createNamespace();
    const vault = await lend([namespace]);
    await azure.removeRoles({ vault, clientId: own.clientId });
    const at = await borrow(namespace, vault, `${namespace}--key`);

    await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });

    const told = await untilObjects(
      kube,
      events,
      { namespace },
      {
        what: 'an event about it',
        holds: (all) => [...all.values()].some(({ reason }) => reason === 'LentReadRefused') && all,
      },
    );
    const seen = JSON.stringify([await kube.get(vaultSecrets, at), [...told]]);
    expect(seen).toContain('LentReadRefused');
    expect(seen).not.toContain(own.clientId);
    expect(seen).not.toContain('.vault.azure.net');
    expect(seen).not.toContain('system:serviceaccount');
  });

  test('and a ServiceAccount of its own beside the connection reads as itself', async () => {
    const namespace = await stage.createNamespace();
    const vault = await lend([namespace]);
    await azure.putSecret(vault, `${namespace}--key`, { value: 'lent' });
    const clientId = await stage.createServiceAccount({ namespace, name: 'app' });
    const at = await borrow(namespace, vault, `${namespace}--key`);
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });

    await kube.mergePatch(vaultSecrets, at, { spec: { serviceAccountName: 'app' } });

    await untilCondition(kube, at, { status: 'False', reason: 'KeyVaultRoleMissing' });
    expect(await countRequests(world, { vault, clientId, kind: 'get', status: 403 })).not.toBe(0);
    expect(await countRequests(world, { vault, clientId: own.clientId, kind: 'get' })).toBe(1);
  });
});
