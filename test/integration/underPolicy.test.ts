import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { managedLabel } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { controllerUser } from '../testbed/installation.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import {
  secrets,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { untilRefused } from './admission.ts';
import { createSynced, data, refreshed } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, controllerKube, stage, azure } = world;
const policies: string[] = [];
let controller: ControllerProcess;

/** Whether an object bears our label. */
const isLabelled = (object: string): string =>
  `has(${object}.metadata.labels) && '${managedLabel}' in ${object}.metadata.labels && ${object}.metadata.labels['${managedLabel}'] == 'true'`;

/** For the controller alone, whatever its RBAC rules allow. */
async function restrict(name: string, resourceRule: object, expression: string): Promise<void> {
  policies.push(name);
  await kube.create(validatingAdmissionPolicies, {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ apiVersions: ['*'], ...resourceRule }] },
      matchConditions: [
        { name: 'us', expression: `request.userInfo.username == '${controllerUser}'` },
      ],
      validations: [{ expression }],
    },
  });
  await kube.create(validatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

beforeAll(async () => {
  await restrict(
    'secrets.us.example.com',
    { apiGroups: [''], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['secrets'] },
    `request.operation == 'CREATE' ? ${isLabelled('object')} : ${isLabelled('oldObject')}`,
  );
  await restrict(
    'vaultsecrets.us.example.com',
    { apiGroups: ['vaultsecret.dev'], operations: ['UPDATE'], resources: ['vaultsecrets'] },
    'object.spec == oldObject.spec && object.metadata.?labels == oldObject.metadata.?labels && object.metadata.?annotations == oldObject.metadata.?annotations && object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences',
  );
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
  for (const name of policies) {
    await kube.delete(validatingAdmissionPolicyBindings, { name });
    await kube.delete(validatingAdmissionPolicies, { name });
  }
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

  test('and set finalizers of VaultSecrets, it changes nothing else of them', async () => {
    const { at } = await createSynced(world);
    const patch = (metadata: object, spec = {}) =>
      controllerKube.mergePatch(vaultSecrets, at, { metadata, spec });

    await patch({ finalizers: ['vaultsecret.dev/merged-keys'] });
    const refused = await Promise.allSettled([
      patch({}, { refreshInterval: '2h' }),
      patch({ labels: { a: 'b' } }),
      patch({ annotations: { a: 'b' } }),
    ]);
    for (const outcome of refused)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringContaining('vaultsecrets.us.example.com') },
      });
  });
});
