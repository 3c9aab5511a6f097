import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { controllerNamespace } from '../testbed/installation.ts';
import type { KubeClient, ObjectName } from '../testbed/kubeClient.ts';
import {
  configMaps,
  leases,
  namespaces,
  roleBindings,
  secrets,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, controllerKube, stage } = world;
afterAll(() => world.close());

describe('the controller', () => {
  test('has in any namespace the rights of the ClusterRole, and no others', async () => {
    const rights = await rightsOf(controllerKube, await stage.createNamespace());

    expect(rights).toEqual(new Set(everywhere));
  });

  test('has in its own namespace those of the Role as well, and no others', async () => {
    const rights = await rightsOf(controllerKube, controllerNamespace);

    expect(rights).toEqual(new Set([...everywhere, ...rulesOf('role-rules.yaml')]));
  });

  test.each<[what: string, attempt: (at: ObjectName) => Promise<unknown>]>([
    ['read a ConfigMap', (at) => controllerKube.get(configMaps, at)],
    ['create a VaultSecret', (at) => controllerKube.create(vaultSecrets, { metadata: at })],
    ['delete a VaultSecret', (at) => controllerKube.delete(vaultSecrets, at)],
    [
      'replace a VaultSecret',
      (at) =>
        controllerKube.send({
          method: 'PUT',
          path: `/apis/vaultsecret.dev/v1alpha1/namespaces/${at.namespace}/vaultsecrets/${at.name}`,
          body: {},
        }),
    ],
    [
      'delete all Secrets at once',
      ({ namespace = '' }) => controllerKube.deleteAll(secrets, namespace),
    ],
    ['create a Lease elsewhere', (at) => controllerKube.create(leases, { metadata: at })],
    ['give itself a Role', (at) => controllerKube.create(roleBindings, { metadata: at })],
    ['create a namespace', ({ name }) => controllerKube.create(namespaces, { metadata: { name } })],
  ])('may not %s', async (_, attempt) => {
    const namespace = await stage.createNamespace();

    await expect(attempt({ namespace, name: 'attempt' })).rejects.toMatchObject({
      status: 403,
      reason: 'Forbidden',
    });
  });
});

test('a finalizer cannot be set with less than the right to patch VaultSecrets', async () => {
  const team = await stage.createTeam();
  const secret = { name: 'password' };
  await stage.createVaultSecret(team, 'app', { data: [{ dataKey: 'PASSWORD', secret }] });
  const path = `/apis/vaultsecret.dev/v1alpha1/namespaces/${team.namespace}/vaultsecrets/app`;
  const patch = (client: KubeClient, subresource: string) =>
    client.send({
      method: 'PATCH',
      path: `${path}/${subresource}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: ['vaultsecret.dev/merged-keys'] } },
    });
  await patch(controllerKube, 'status');
  const at = { namespace: team.namespace, name: 'app' };

  expect((await kube.get(vaultSecrets, at)).metadata.finalizers).toEqual([]);
  await expect(patch(kube, 'finalizers')).rejects.toMatchObject({ status: 404 });
});

const rule = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
});

/** One line for each verb on each resource, so that grouping does not matter. */
function linesOf(rules: readonly z.infer<typeof rule>[]): string[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((name) =>
        verbs.map((verb) => [verb, `${group}/${name}`, ...resourceNames].join(' ')),
      ),
    ),
  );
}

const everywhere = [...rulesOf('cluster-role-rules.yaml'), ...rulesOf('namespace-role-rules.yaml')];

function rulesOf(file: string): string[] {
  const path = resolve(import.meta.dirname, '../../deploy/helm/files', file);
  return linesOf(z.array(rule).parse(parse(readFileSync(path, 'utf8'))));
}

/** What everybody who is authenticated may: ask about themselves. */
const everybodys = /^create (authentication|authorization)[.]k8s[.]io\/selfsubject/;

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/ */
async function rightsOf(client: KubeClient, namespace: string): Promise<Set<string>> {
  const answer = await client.send({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    },
  });
  const review = z.object({
    status: z.object({ incomplete: z.literal(false), resourceRules: z.array(rule) }),
  });
  const lines = linesOf(review.parse(answer).status.resourceRules);
  return new Set(lines.filter((line) => !everybodys.test(line)));
}
