import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { deny, refuserOf, untilRefused } from './admission.ts';
import { createSynced } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

const type = 'example.com/password';
const change = { spec: { target: { type } } };

test('a Secret of a new type is made in the place of the old one', async () => {
  const { at, secret } = await createSynced(world);
  await kube.mergePatch(vaultSecrets, at, change);
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  const changed = await untilSecret(kube, at, { PASSWORD: 'first' });

  expect(changed.type).toBe(type);
  expect(changed.metadata.uid).not.toBe(secret.metadata.uid);
});

test('when the new one is refused, it is said that there is none, and made as soon as it may be', async () => {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const { at } = await createSynced(world);
  const { namespace } = at;
  const allow = await deny(kube, namespace, { operations: ['CREATE'], resources: ['secrets'] });
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other' } };
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  await untilRefused(kube, { method: 'POST', path, body });

  await kube.mergePatch(vaultSecrets, at, change);
  const shown = await untilCondition(kube, at, { status: 'False', reason: 'SecretMissing' });
  expect(await kube.find(secrets, at)).toBeUndefined();
  expect(shown.status?.conditions?.[0]?.message).toContain('Secret app is gone');
  expect(shown.status?.conditions?.[0]?.message).toContain(refuserOf(namespace));
  expect(shown.status?.secretName).toBe('app');

  await allow();
  // The rule is in force for about a second more, and the next try is at most five away.
  await untilSecret(kube, at, { PASSWORD: 'first' }, 10_000);
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
});
