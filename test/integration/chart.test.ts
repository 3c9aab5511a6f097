import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { renderChart, type Manifest } from '../testbed/helm.ts';
import { kubeObjects, namespaces } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
afterAll(() => world.close());

const folder = resolve(import.meta.dirname, '../chart/values');
const valuesFiles = globSync('*.yaml', { cwd: folder }).toSorted();

/** Nobody serves them here. */
const isServed = ({ apiVersion }: Manifest): boolean =>
  !/^(azmonitoring|monitoring)[.]/.test(apiVersion);

const podSchema = z.looseObject({ template: z.looseObject({ spec: z.looseObject({}) }) });

/** In a namespace that enforces the Pod Security Standard, no field unknown, nothing kept. */
async function dryRun(namespace: string, manifest: Manifest): Promise<unknown> {
  const { metadata } = manifest;
  const { plural, isNamespaced } = kubeObjects(manifest);
  const root = manifest.apiVersion.includes('/') ? '/apis' : '/api';
  const scope = isNamespaced
    ? `/namespaces/${metadata.namespace === 'shop' ? namespace : metadata.namespace}`
    : '';
  return kube.send({
    method: 'PATCH',
    path: `${root}/${manifest.apiVersion}${scope}/${plural}/${metadata.name}`,
    query: { fieldManager: 'helm', force: 'true', dryRun: 'All', fieldValidation: 'Strict' },
    contentType: 'application/apply-patch+yaml',
    body:
      metadata.namespace === 'shop'
        ? { ...manifest, metadata: { ...metadata, namespace } }
        : manifest,
  });
}

describe.each(['(default)', ...valuesFiles])('with the values %s', (file) => {
  test('the API server takes every object, and lets its pods run under the restricted profile', async () => {
    const namespace = await stage.createNamespace();
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await kube.mergePatch(namespaces, { name: namespace }, { metadata: { labels } });
    const flags = file === '(default)' ? [] : [`--values=${resolve(folder, file)}`];
    const manifests = (await renderChart({ namespace, flags })).filter(isServed);

    for (const manifest of manifests) await dryRun(namespace, manifest);

    const deployment = manifests.find(({ kind }) => kind === 'Deployment');
    const { spec } = podSchema.parse(deployment?.['spec']).template;
    const metadata = { name: 'replica', namespace };
    // Admission of pods has no ServiceAccount controller to wait for here.
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { ...spec, serviceAccountName: 'default' },
    };
    await expect(dryRun(namespace, pod)).resolves.toBeDefined();
    const privileged = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
    await expect(dryRun(namespace, privileged)).rejects.toThrow(/PodSecurity "restricted/);
  });
});
