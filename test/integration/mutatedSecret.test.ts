import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import { z } from 'zod';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  secrets,
} from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { inNamespace } from './admission.ts';
import { askForRefresh, createSynced, refreshed, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

/** A MutatingAdmissionPolicy that puts this into each Secret of the namespace, in effect. */
async function mutate(namespace: string, path: string) {
  const name = `mutator.${namespace}.example.com`;
  const operations = ['CREATE', 'UPDATE'];
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations, resources: ['secrets'] };
  await kube.create(mutatingAdmissionPolicies, {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: { ...inNamespace(namespace), resourceRules: [rule] },
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: `[JSONPatch{op: "add", path: "${path}", value: "eA=="}]` },
        },
      ],
    },
  });
  await kube.create(mutatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name },
  });
  await untilMutated(namespace, true);
  return async () => {
    await kube.delete(mutatingAdmissionPolicyBindings, { name });
    await kube.delete(mutatingAdmissionPolicies, { name });
    await untilMutated(namespace, false);
  };
}

/** Policies are taken up, and given up, within a second or so. */
async function untilMutated(namespace: string, isMutated: boolean): Promise<void> {
  const name = `probe-${crypto.randomUUID()}`;
  const data = { PASSWORD: 'cHJvYmU=' };
  const sent = JSON.stringify(data);
  await expect
    .poll(
      async () => {
        const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data };
        const path = `/api/v1/namespaces/${namespace}/secrets`;
        const made = await kube.send({ method: 'POST', path, query: { dryRun: 'All' }, body });
        return z.object({ data: z.record(z.string(), z.string()) }).parse(made).data;
      },
      { timeout: 15_000 },
    )
    .toSatisfy((found) => (JSON.stringify(found) !== sent) === isMutated);
}

test.each([
  ['a value', '/data/PASSWORD', { PASSWORD: 'x' }],
  ['a data key more', '/data/INJECTED', { PASSWORD: 'first', INJECTED: 'x' }],
] as const)(
  'what admission puts into a Secret, %s, is shown when a refresh is asked for, and undone once it ends',
  async (_, path, mutated) => {
    onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
    const team = await stage.createTeam();
    await azure.putSecret(team.vault, 'password', { value: 'first' });
    const end = await mutate(team.namespace, path);
    const { at } = await createSynced(world, { team });
    expect(textsOf(await kube.get(secrets, at))).toEqual(mutated);

    await askForRefresh(kube, at);
    await untilCondition(kube, at, { status: 'False', reason: 'SecretContested' });
    const { resourceVersion } = (await kube.get(secrets, at)).metadata;
    await end();
    await refreshed(world, at);

    const after = await kube.get(secrets, at);
    expect(textsOf(after)).toEqual({ PASSWORD: 'first' });
    expect(after.metadata.resourceVersion).not.toBe(resourceVersion);
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });

    const before = await writesIn(world, at.namespace);
    await refreshed(world, at);
    const more = (await writesIn(world, at.namespace)).slice(before.length);
    expect(more.filter((write) => write.includes(' secrets/'))).toEqual([]);
  },
);
