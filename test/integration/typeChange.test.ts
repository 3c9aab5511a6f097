import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { secrets, vaultSecrets, type VaultSecret } from '../testbed/kubeResources.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { openWorld } from '../testbed/world.ts';
import { deny, fillQuota, refuserOf, untilRefused, type Removal } from './admission.ts';
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

const isRefused = async (namespace: string): Promise<void> => {
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other' } };
  await untilRefused(kube, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body,
  });
};
const messageOf = ({ status }: VaultSecret): string => status?.conditions?.[0]?.message ?? '';
const denyCreates = async (namespace: string): Promise<Removal> =>
  deny(kube, namespace, { operations: ['CREATE'], resources: ['secrets'] });

test.each([
  { who: 'admission', reason: 'PolicyRefused', refuse: denyCreates },
  {
    who: 'a quota',
    reason: 'QuotaExceeded',
    refuse: async (namespace: string) => fillQuota(kube, namespace),
  },
])('when $who would refuse the new one, it is told while the old one stays', async (refusal) => {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const { at, secret } = await createSynced(world);
  const allow = await refusal.refuse(at.namespace);
  await isRefused(at.namespace);

  await kube.mergePatch(vaultSecrets, at, change);
  await untilCondition(kube, at, { status: 'False', reason: refusal.reason });
  expect(await kube.get(secrets, at)).toEqual(secret);

  await allow();
  const made = await untilObject(kube, secrets, at, {
    what: 'the Secret of the new type',
    holds: (found) => found?.type === type && found,
    timeoutMs: 20_000,
  });
  expect(made.data).toEqual(secret.data);
});

test('what the API server itself would not take is told while the old one stays', async () => {
  const { at, secret } = await createSynced(world);
  await kube.mergePatch(vaultSecrets, at, {
    spec: { target: { type, annotations: { '-/x': 'a prefix that the schema lets pass' } } },
  });

  await untilCondition(kube, at, { status: 'False', reason: 'SecretRefused' });
  expect(await kube.get(secrets, at)).toEqual(secret);
});

test('when a Secret is deleted and its new one refused, it is said that there is none, and made as soon as it may be', async () => {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const { at } = await createSynced(world);
  const { namespace } = at;
  const allow = await denyCreates(namespace);
  await isRefused(namespace);

  await kube.delete(secrets, at);
  const shown = await untilCondition(kube, at, { status: 'False', reason: 'SecretMissing' });
  expect(await kube.find(secrets, at)).toBeUndefined();
  expect(messageOf(shown)).toContain('Secret app is gone');
  expect(messageOf(shown)).toContain(refuserOf(namespace));
  expect(shown.status?.secretName).toBe('app');

  await allow();
  // The rule is in force for about a second more, and the next try is at most five away.
  await untilSecret(kube, at, { PASSWORD: 'first' }, 10_000);
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
});
