import { isDeepStrictEqual } from 'node:util';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest';
import { clientIdAnnotation } from '../../../src/api/meta.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../../testbed/expectations.ts';
import {
  secrets,
  serviceAccounts,
  vaultSecrets,
  type VaultSecret,
} from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { askForRefresh, createSynced, refreshed, type Synced } from '../syncedVaultSecret.ts';
import { countRequests } from './azureRequests.ts';

const world = openWorld(inject('testbed'));
const { kube, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

const requestsAt = ({ team: { vault } }: Synced) => countRequests(world, { vault });

/** A rotation that must not arrive any more. */
async function rotate({ team }: Synced): Promise<void> {
  await azure.putSecret(team.vault, 'password', { value: 'second' });
}

/** The Secret as it was written, whatever came after. */
async function isLastGood({ at, secret }: Synced): Promise<boolean> {
  const { metadata, data } = await kube.get(secrets, at);
  return metadata.uid === secret.metadata.uid && isDeepStrictEqual(data, secret.data);
}

const messageOf = ({ status }: VaultSecret): string =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';

describe('a grant that is withdrawn while token and values are warm', () => {
  test('in the annotation of the ServiceAccount: nothing is asked from that moment on', async () => {
    const synced = await createSynced(world);
    const { namespace, serviceAccountName: name } = synced.team;
    await rotate(synced);
    const before = await requestsAt(synced);

    const annotations = { [clientIdAnnotation]: null };
    await kube.mergePatch(serviceAccounts, { namespace, name }, { metadata: { annotations } });

    // At once, without a refresh.
    await untilCondition(kube, synced.at, { status: 'False', reason: 'ClientIdMissing' });
    const edited = await kube.mergePatch(vaultSecrets, synced.at, {
      spec: { refreshInterval: '2m' },
    });
    await untilCondition(kube, synced.at, { status: 'False', reason: 'ClientIdMissing' });
    expect(edited.metadata.generation).toBe(2);
    expect(await requestsAt(synced)).toBe(before);
    expect(await isLastGood(synced)).toBe(true);
  });

  test('in the annotation, during an edit by somebody else: not even a drift is repaired with the old token', async () => {
    const synced = await createSynced(world);
    const { namespace, serviceAccountName: name } = synced.team;
    const annotations = { [clientIdAnnotation]: null };
    await kube.mergePatch(serviceAccounts, { namespace, name }, { metadata: { annotations } });
    await untilCondition(kube, synced.at, { status: 'False', reason: 'ClientIdMissing' });
    const before = await requestsAt(synced);

    await kube.delete(secrets, synced.at);
    await kube.mergePatch(vaultSecrets, synced.at, { spec: { refreshInterval: '2m' } });

    await untilCondition(kube, synced.at, { status: 'False', reason: 'ClientIdMissing' });
    expect(await requestsAt(synced)).toBe(before);
    expect(await kube.find(secrets, synced.at)).toBeUndefined();
  });

  test('by a role that is removed: the next refresh says so, with the command', async () => {
    const synced = await createSynced(world);
    const { vault, clientId } = synced.team;
    await rotate(synced);
    await azure.removeRoles({ vault, clientId });

    await askForRefresh(kube, synced.at);

    const refused = await untilCondition(kube, synced.at, {
      status: 'False',
      reason: 'KeyVaultRoleMissing',
    });
    expect(messageOf(refused)).toMatch(
      new RegExp(`az role assignment create .*--assignee ${clientId}.*${vault}`),
    );
    expect(await countRequests(world, { vault, clientId, kind: 'get', status: 200 })).toBe(1);
    expect(await isLastGood(synced)).toBe(true);
  });

  test('by an access policy that is taken away', async () => {
    const synced = await createSynced(world);
    const { vault, clientId } = synced.team;
    await azure.removeRoles({ vault, clientId });
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Reader' });
    await rotate(synced);

    await askForRefresh(kube, synced.at);

    await untilCondition(kube, synced.at, { status: 'False', reason: 'KeyVaultRoleMissing' });
    expect(await isLastGood(synced)).toBe(true);
  });
});

describe('a federated credential that is removed', () => {
  async function withdraw(): Promise<Synced> {
    const synced = await createSynced(world);
    const { clientId } = synced.team;
    await azure.removeFederatedCredentials({ clientId });
    return synced;
  }

  const explanation = async ({ at }: Synced): Promise<string> =>
    messageOf(
      await untilCondition(kube, at, { status: 'False', reason: 'FederatedIssuerNotFound' }),
    );
  const remedyFor = ({ at, team }: Synced): RegExp =>
    new RegExp(
      `az identity federated-credential create .*system:serviceaccount:${at.namespace}:${team.serviceAccountName}`,
    );

  test('leaves the token that was given: Azure takes it until it expires', async () => {
    const synced = await withdraw();
    await rotate(synced);

    await refreshed(world, synced.at);

    expect(textsOf(await kube.get(secrets, synced.at))).toEqual({ PASSWORD: 'second' });
    const { clientId } = synced.team;
    expect(await countRequests(world, { clientId, kind: 'token' })).toBe(1);
  });

  test('refuses the next one, when the vault takes the old one no longer', async () => {
    const synced = await withdraw();
    const { vault, clientId } = synced.team;
    onTestFinished(() => azure.setVaultFaults(vault, {}));
    await azure.setVaultFaults(vault, { rejectTokens: true });

    await askForRefresh(kube, synced.at);

    expect(await explanation(synced)).toMatch(remedyFor(synced));
    expect(await countRequests(world, { clientId, kind: 'token', status: 200 })).toBe(1);
    // Back with the vault comes no token that was refused.
    await azure.setVaultFaults(vault, {});
    const before = await countRequests(world, { vault, kind: 'get' });
    await kube.mergePatch(vaultSecrets, synced.at, { spec: { refreshInterval: '2m' } });
    expect(await explanation(synced)).toMatch(remedyFor(synced));
    expect(await countRequests(world, { vault, kind: 'get' })).toBe(before);
    expect(await isLastGood(synced)).toBe(true);
  });

  test('refuses the next one, after a restart', async () => {
    const synced = await withdraw();
    await controller.end('SIGTERM');
    controller = await world.startController();
    await controller.untilReady();

    await askForRefresh(kube, synced.at);

    expect(await explanation(synced)).toMatch(remedyFor(synced));
    expect(await isLastGood(synced)).toBe(true);
  });

  test('and an application that is deleted is explained too', async () => {
    const synced = await createSynced(world);
    const { clientId, vault } = synced.team;
    await azure.call('DELETE', `/applications/${clientId}`);
    await azure.setVaultFaults(vault, { rejectTokens: true });

    await askForRefresh(kube, synced.at);

    await untilCondition(kube, synced.at, { status: 'False', reason: 'ApplicationNotFound' });
    expect(await isLastGood(synced)).toBe(true);
  });
});
