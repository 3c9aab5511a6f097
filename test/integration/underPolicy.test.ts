import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { managedLabel } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { untilRefused } from './admission.ts';
import { createSynced, data, refreshed } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, controllerKube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  const { namespace } = await stage.createTeam();
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'unlabelled' } };
  await untilRefused(controllerKube, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body,
  });
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(async () => {
  await world.close();
});

const labels = { [managedLabel]: 'true' };
const theirs = { THEIRS: Buffer.from('theirs').toString('base64') };

async function prepare(creationPolicy: 'Adopt' | 'Merge') {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  const at = { namespace: team.namespace, name: 'app' };
  await kube.create(secrets, { metadata: at, data: theirs });
  await stage.createVaultSecret(team, 'app', { data, target: { creationPolicy } });
  await untilCondition(kube, at, { status: 'False', reason: 'TargetNotLabelled' });
  await kube.mergePatch(secrets, at, { metadata: { labels } });
  return at;
}

/** The test bed has the policies of the chart, which hold for all other tests as well. */
describe('where the controller may write only Secrets that bear its label', () => {
  test('Owner makes, repairs and follows', async () => {
    const { at, team } = await createSynced(world);
    await kube.mergePatch(secrets, at, { data: theirs });
    await untilSecret(kube, at, { PASSWORD: 'first' });
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await refreshed(world, at);

    expect(await untilSecret(kube, at, { PASSWORD: 'second' })).toBeDefined();
  });

  test('Adopt waits for the label, and takes over then', async () => {
    const at = await prepare('Adopt');

    expect(await untilSecret(kube, at, { PASSWORD: 'first' })).toBeDefined();
  });

  test('Merge waits for the label, merges then, and goes with its keys', async () => {
    const at = await prepare('Merge');
    await untilSecret(kube, at, { THEIRS: 'theirs', PASSWORD: 'first' });
    await untilCondition(kube, at, { status: 'True' });
    await kube.delete(vaultSecrets, at);
    await untilObject(kube, vaultSecrets, at, {
      what: 'the VaultSecret to go',
      holds: (found) => found === undefined,
    });

    expect(await untilSecret(kube, at, { THEIRS: 'theirs' })).toBeDefined();
  });
});
