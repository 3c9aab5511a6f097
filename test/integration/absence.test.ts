import { resolve } from 'node:path';
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
import { askForRefresh, createSynced, data, refreshed } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  const clockJump = resolve(import.meta.dirname, '../testbed/clockJump.ts');
  controller = await world.startController({ env: { NODE_OPTIONS: `--import=${clockJump}` } });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

const name = 'password';

describe('an object that is deleted in Key Vault', () => {
  const both = [...data, { dataKey: 'OTHER', secret: { name: 'other' } }];
  const gone = { status: 'False', reason: 'KeyVaultSecretGone' } as const;

  /** Ten minutes pass for the controller. */
  const jump = (): boolean => process.kill(controller.pid, 'SIGUSR2');

  async function createPair(deletionPolicy: 'Retain' | 'Merge' | 'Delete') {
    const team = await stage.createTeam();
    await azure.putSecret(team.vault, name, { value: 'first' });
    await azure.putSecret(team.vault, 'other', { value: 'other' });
    return createSynced(world, { team, spec: { data: both, target: { deletionPolicy } } });
  }

  async function removed(
    { team, at }: Awaited<ReturnType<typeof createPair>>,
    ...objects: readonly string[]
  ): Promise<string | undefined> {
    for (const object of objects) await azure.deleteSecret(team.vault, object);
    await askForRefresh(kube, at);
    const { status } = await untilCondition(kube, at, gone);
    return status?.conditions?.[0]?.message;
  }

  test('keeps its data under policy Retain, and a recovery is noticed by itself', async () => {
    const pair = await createPair('Retain');
    const { team, at, secret } = pair;
    await azure.setVaultFaults(team.vault, { consistencyDelayMs: 1_500 });

    expect(await removed(pair, name)).toContain('Secret app keeps the last value');
    jump();
    await untilTriedAgain(at);
    await azure.recoverSecret(team.vault, name);

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
  });

  test('takes its data along under policy Merge, after the time that was told', async () => {
    const pair = await createPair('Merge');
    const { team, at } = pair;
    expect(await removed(pair, 'other')).toContain('its data leave Secret app');
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first', OTHER: 'other' });
    await waitOut(at);

    await untilSecret(kube, at, { PASSWORD: 'first' });
    const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(status?.conditions?.[0]?.message).toContain('Key Vault does not have other any more.');

    await azure.putSecret(team.vault, name, { value: 'second' });
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second' });
    await azure.recoverSecret(team.vault, 'other');
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second', OTHER: 'other' });
  });

  test('takes the Secret along under policy Delete when it was the last, and brings it back', async () => {
    const pair = await createPair('Delete');
    const { team, at, secret } = pair;
    expect(await removed(pair, name, 'other')).toContain('Secret app is deleted');
    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
    await waitOut(at);

    await untilObject(kube, secrets, at, {
      what: 'the Secret to go',
      holds: (found) => found === undefined,
    });
    const { status } = await untilCondition(kube, at, { status: 'True', reason: 'SecretDeleted' });
    expect(status).not.toHaveProperty('secretName');
    await refreshed(world, at);
    expect(await kube.find(secrets, at)).toBeUndefined();

    await azure.recoverSecret(team.vault, 'other');
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ OTHER: 'other' });
  });

  test('that never was there removes nothing', async () => {
    const { at, secret } = await createPair('Delete');
    const spec = { data: both.map((entry) => ({ ...entry, secret: { name: 'mistyped' } })) };
    await kube.mergePatch(vaultSecrets, at, { spec });
    await untilCondition(kube, at, { status: 'False', reason: 'KeyVaultSecretNotFound' });
    jump();
    await untilTriedAgain(at);

    expect((await kube.get(secrets, at)).metadata).toEqual(secret.metadata);
  });

  /** Ten minutes of answers: a minute at most passes between two of them, however far the clock jumps. */
  async function waitOut(at: { namespace: string; name: string }): Promise<void> {
    let looks = 0;
    for (; looks < 30; looks += 1) {
      const { status } = await kube.get(vaultSecrets, at);
      if (status?.gone !== undefined) break;
      jump();
      const triedAgain = untilTriedAgain(at);
      await askForRefresh(kube, at);
      await triedAgain;
    }
    expect(looks).toBeGreaterThanOrEqual(8);
    expect(looks).toBeLessThan(30);
  }

  /** After the jump, at least once. */
  async function untilTriedAgain({ namespace }: { namespace: string }): Promise<void> {
    const seen = controller.lines.length;
    await controller.untilLogged(
      (line) => controller.lines.length > seen && line.includes(`${namespace}/app`),
    );
  }
});
