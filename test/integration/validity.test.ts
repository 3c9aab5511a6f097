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
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { askForRefresh, createSynced, data, refreshed, valueReads } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

/** Whole seconds from now on, by the clock that all of them share. */
const inSeconds = (count: number): number => Math.ceil(Date.now() / 1000) + count;
const name = 'password';

/** Asks until the moment has come: what is expected then must not come before. */
async function notBefore(seconds: number, awaited: Promise<unknown>): Promise<void> {
  await awaited;
  expect(Date.now()).toBeGreaterThanOrEqual(seconds * 1000);
  expect(Date.now()).toBeLessThan(seconds * 1000 + 3_000);
}

describe('a version that is put in advance', () => {
  test('is used from its first moment on, without a refresh', async () => {
    const { team, at } = await createSynced(world);
    const start = inSeconds(3);
    const version = await azure.putSecret(team.vault, name, { value: 'second', notBefore: start });
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first' });

    await notBefore(start, untilSecret(kube, at, { PASSWORD: 'second' }));

    await untilObject(kube, vaultSecrets, at, {
      what: 'the status to name the new version',
      holds: (found) => found?.status?.sources?.[0]?.version === version,
    });
  });

  test('is used in its moment by a controller that was started meanwhile, and reads nothing before', async () => {
    const { team, at } = await createSynced(world);
    const start = inSeconds(8);
    await azure.putSecret(team.vault, name, { value: 'second', notBefore: start });
    await refreshed(world, at);
    await controller.end('SIGKILL');
    await azure.resetRequestCounts();

    controller = await world.startController();
    await controller.untilReady();
    expect(Date.now()).toBeLessThan(start * 1000);
    expect(await valueReads(world, team.vault)).toBe(0);
    await notBefore(start, untilSecret(kube, at, { PASSWORD: 'second' }));
    expect(await valueReads(world, team.vault)).toBe(1);
  });

  test('changes no value before its time, whichever id the versions of one second have', async () => {
    const team = await stage.createTeam();
    const created = inSeconds(-60);
    const pairs: { name: string; isInUseGreater: boolean }[] = [];
    // Ids are random: six objects at least, and as many more as it takes until both orders occur.
    while (pairs.length < 6 || new Set(pairs.map((pair) => pair.isInUseGreater)).size < 2) {
      const secret = { name: `tie-${pairs.length}`, created };
      const [older = '', newer = ''] = await azure.putSecrets(
        team.vault,
        { ...secret, value: 'older' },
        { ...secret, value: 'newer' },
      );
      pairs.push({ name: secret.name, isInUseGreater: newer > older });
    }
    const spec = {
      data: pairs.map((pair, index) => ({ dataKey: `K${index}`, secret: { name: pair.name } })),
    };
    const { at, secret } = await createSynced(world, { team, spec });
    const newest = Object.fromEntries(spec.data.map(({ dataKey }) => [dataKey, 'newer']));
    expect(textsOf(secret)).toEqual(newest);

    const future = { value: 'future', notBefore: inSeconds(3_600) };
    await azure.putSecrets(team.vault, ...pairs.map((pair) => ({ ...future, name: pair.name })));
    await refreshed(world, at);

    expect(textsOf(await kube.get(secrets, at))).toEqual(newest);
  });

  test('that is the only one makes the first Secret in its first moment', async () => {
    const team = await stage.createTeam();
    const at = { namespace: team.namespace, name: 'app' };
    const start = inSeconds(5);
    await azure.putSecret(team.vault, name, { value: 'first', notBefore: start });
    await stage.createVaultSecret(team, 'app', { data });
    const { status } = await untilCondition(kube, at, {
      status: 'False',
      reason: 'KeyVaultSecretNotYetValid',
    });
    const moment = new Date(start * 1000).toISOString().replace('.000Z', 'Z');
    expect(status?.conditions?.[0]?.message).toContain(`is not valid before ${moment}`);

    await notBefore(start, untilSecret(kube, at, { PASSWORD: 'first' }));
  });
});

describe('the version in use', () => {
  test('gives way to the one before in the moment in which it expires', async () => {
    const { team, at } = await createSynced(world);
    const end = inSeconds(4);
    await azure.putSecret(team.vault, name, { value: 'short', expires: end });
    const { status } = await refreshed(world, at);
    const expiresOn = new Date(end * 1000).toISOString().replace('.000Z', 'Z');
    expect(status?.sources).toMatchObject([{ expiresOn }]);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'short' });

    await notBefore(end, untilSecret(kube, at, { PASSWORD: 'first' }));
  });

  test('stays when it expires without another, and that is told with the command that helps', async () => {
    const { team, at, secret } = await createSynced(world);
    const end = inSeconds(3);
    await azure.changeSecret(team.vault, name, { expires: end });
    await refreshed(world, at);

    const expired = untilCondition(kube, at, { status: 'False', reason: 'KeyVaultSecretExpired' });
    await notBefore(end, expired);
    const message = (await expired).status?.conditions?.[0]?.message;
    expect(message).toMatch(/^VS312: .* expired at /);
    expect(message).toContain(`az keyvault secret set --vault-name ${team.vault} --name ${name}`);
    expect((await kube.get(secrets, at)).data).toEqual(secret.data);

    await azure.putSecret(team.vault, name, { value: 'second' });
    await untilSecret(kube, at, { PASSWORD: 'second' });
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  });

  test('is the one before while the newest is disabled, and no other when all are', async () => {
    const { team, at } = await createSynced(world);
    const bad = await azure.putSecret(team.vault, name, { value: 'bad rotation' });
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'bad rotation' });
    await azure.changeSecret(team.vault, name, { version: bad, enabled: false });
    const { status } = await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first' });

    const version = status?.sources?.[0]?.version ?? '';
    await azure.changeSecret(team.vault, name, { version, enabled: false });
    await askForRefresh(kube, at);
    await untilCondition(kube, at, { status: 'False', reason: 'KeyVaultSecretDisabled' });
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first' });
  });

  test('is found among many versions, over empty pages', async () => {
    const { team, at } = await createSynced(world);
    const versions = Array.from({ length: 60 }, (_, index) => ({
      name,
      value: `version ${index}`,
      enabled: index <= 40,
      created: inSeconds(index - 100),
    }));
    await azure.putSecrets(team.vault, ...versions);
    // The one that `createSynced` put is the youngest by now.
    const [first] = (await refreshed(world, at)).status?.sources ?? [];
    await azure.changeSecret(team.vault, name, { version: first?.version, enabled: false });
    await azure.setVaultFaults(team.vault, { emptyPages: true });

    await refreshed(world, at);

    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'version 40' });
  });

  test('is not guessed without the right to list, and the last good Secret stays', async () => {
    const team = await stage.createTeam({ role: null, vault: await aVaultOfPolicies() });
    const { vault, clientId } = team;
    await azure.setAccessPolicies({ vault, clientId, secrets: ['get'] });
    await azure.putSecret(vault, name, { value: 'first' });
    const { at, secret } = await createSynced(world, { team });
    await azure.putSecret(vault, name, { value: 'second', enabled: false });
    await askForRefresh(kube, at);

    const { status } = await untilCondition(kube, at, {
      status: 'False',
      reason: 'KeyVaultListForbidden',
    });
    const message = status?.conditions?.[0]?.message;
    expect(message).toContain('is disabled, and client');
    expect(message).toContain(`--spn ${clientId} --secret-permissions get list`);
    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);

    await azure.setAccessPolicies({ vault, clientId, secrets: ['get', 'list'] });
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
  });

  test('that is pinned is used whatever its dates', async () => {
    const team = await stage.createTeam();
    const version = await azure.putSecret(team.vault, name, {
      value: 'old',
      expires: inSeconds(-60),
    });
    await azure.putSecret(team.vault, name, { value: 'new' });
    const spec = { data: [{ dataKey: 'PASSWORD', secret: { name, version } }] };
    const { secret } = await createSynced(world, { team, spec });

    expect(textsOf(secret)).toEqual({ PASSWORD: 'old' });
  });
});

async function aVaultOfPolicies(): Promise<string> {
  const vault = `policies-${Date.now()}`;
  await azure.createVaults({ name: vault, authorization: 'accessPolicies' });
  return vault;
}
