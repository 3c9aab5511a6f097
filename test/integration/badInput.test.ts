import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { customResourceDefinitions, vaultSecrets } from '../testbed/kubeResources.ts';
import { KubeRequestError } from '../testbed/kubeTransport.ts';
import { openWorld } from '../testbed/world.ts';
import { entry, good, many, plainlyRefused, refused, secret } from './badSpecs.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
let namespace: string;

beforeAll(async () => {
  namespace = await stage.createNamespace();
});
afterAll(() => world.close());

interface Refusal {
  readonly status: number;
  readonly fields: readonly (string | undefined)[];
  readonly message: string;
}

/** What `kubectl apply` would be told; nothing is stored. Undefined when it is fine. */
async function refusalOf(spec: object, name = 'app'): Promise<Refusal | undefined> {
  try {
    await kube.send({
      method: 'POST',
      path: `/apis/${vaultSecrets.apiVersion}/namespaces/${namespace}/vaultsecrets`,
      // As kubectl asks for since 1.27.
      query: { fieldValidation: 'Strict', dryRun: 'All' },
      body: {
        apiVersion: vaultSecrets.apiVersion,
        kind: vaultSecrets.kind,
        metadata: { namespace, name },
        spec,
      },
    });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof KubeRequestError)) throw thrown;
    const { status, causes, message } = thrown;
    return { status, fields: causes.map(({ field }) => field), message };
  }
}

describe('a VaultSecret is taken', () => {
  test.each<[what: string, change: object]>([
    ['with nothing but what it must have', {}],
    ['with a slash after the vault', { vaultUrl: `${good.vaultUrl}/` }],
    ['of the cloud in China', { vaultUrl: 'https://shop.vault.azure.cn' }],
    ['of the cloud of the US government', { vaultUrl: 'https://shop.vault.usgovcloudapi.net' }],
    ['with the shortest interval', { refreshInterval: '60s' }],
    ['with a composed interval', { refreshInterval: '1h30m5s' }],
    ['with 256 keys', { data: many(256).map((n) => ({ ...entry, dataKey: `key-${n}` })) }],
    ['with keys that begin with a dot', { data: [{ ...entry, dataKey: '.env' }] }],
    [
      'with labels and annotations of its users',
      {
        target: {
          labels: { team: 'shop', 'app.kubernetes.io/name': 'shop' },
          annotations: { 'example.com/tier': 'gold' },
        },
      },
    ],
    [
      'of type TLS with both its keys',
      {
        data: ['tls.crt', 'tls.key'].map((dataKey) => ({ dataKey, secret })),
        target: { type: 'kubernetes.io/tls' },
      },
    ],
  ])('%s', async (_, change) => {
    expect(await refusalOf({ ...good, ...change })).toBeUndefined();
  });
});

describe('a VaultSecret is refused, and the field named, for', () => {
  test.each(refused)('%s', async (_, change, field) => {
    const refusal = await refusalOf({ ...good, ...change });

    const isNamed =
      refusal?.status === 422
        ? refusal.fields.some((named) => named === field || named?.startsWith(`${field}[`))
        : refusal?.message.includes(`unknown field "${field}"`);
    expect(isNamed, JSON.stringify(refusal)).toBe(true);
  });

  test.each(['vaultUrl', 'serviceAccountName'])('no %s', async (field) => {
    const refusal = await refusalOf({ ...good, [field]: undefined });

    expect(refusal).toMatchObject({ status: 422, message: expect.stringContaining(field) });
  });

  test('a name that no Secret can have', async () => {
    expect(await refusalOf(good, 'Shop')).toMatchObject({
      status: 422,
      fields: ['metadata.name'],
    });
  });
});

/** Beside the regular expression, which says nothing to most of its readers. */
describe('a VaultSecret is refused in plain words for', () => {
  test.each(plainlyRefused)('%s', async (_, change, field, words) => {
    const refusal = await refusalOf({ ...good, ...change });

    expect(refusal?.status).toBe(422);
    expect(refusal?.message).toContain(`${field}: Invalid value: `);
    expect(refusal?.message).toContain(`: ${words}`);
    expect(refusal?.message).not.toMatch(/type conversion|evaluating rule|no such key/);
  });
});

describe('a VaultSecret is stored as it was sent', () => {
  const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
  const manifest = (name: string, spec: object) => ({
    apiVersion: vaultSecrets.apiVersion,
    kind: vaultSecrets.kind,
    metadata: { namespace, name, annotations: {} },
    spec,
  });

  test('without defaults, which would make differences in GitOps', async () => {
    const minimal = await kube.create(vaultSecrets, manifest('minimal', good));
    const target = { creationPolicy: 'Orphan' };
    const partly = await kube.create(vaultSecrets, manifest('partly', { ...good, target }));

    expect(minimal.spec).toEqual(good);
    expect(partly.spec).toEqual({ ...good, target });
  });

  test('by client-side kubectl apply, again and again', async () => {
    const at = { namespace, name: 'applied' };
    const annotated = (spec: object) => {
      const bare = manifest('applied', spec);
      const annotations = { [lastApplied]: JSON.stringify(bare) };
      return { ...bare, metadata: { ...bare.metadata, annotations } };
    };
    const created = await kube.create(vaultSecrets, annotated(good));
    expect(created.spec).toEqual(good);

    // kubectl sends a merge patch of what differs between the file, its last file and the object.
    const data = [...good.data, { dataKey: 'OTHER', secret: { name: 'other' }, decode: 'hex' }];
    const next = { ...good, refreshInterval: '5m', data };
    const { annotations } = annotated(next).metadata;
    const patch = { metadata: { annotations }, spec: { refreshInterval: '5m', data } };
    const updated = await kube.mergePatch(vaultSecrets, at, patch);
    expect(updated.spec).toEqual(next);

    const back = { refreshInterval: null, data: good.data };
    const reverted = await kube.mergePatch(vaultSecrets, at, {
      metadata: annotated(good).metadata,
      spec: back,
    });
    expect(reverted.spec).toEqual(good);
    expect(reverted.metadata.generation).toBe(3);
  });
});

describe('a CRD that is applied again', () => {
  const files = globSync('crds/*.yaml', { cwd: resolve(import.meta.dirname, '../..') });
  const crd = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

  test.each(files)('changes nothing: %s', async (file) => {
    const path = resolve(import.meta.dirname, '../..', file);
    const sent = crd.parse(parse(readFileSync(path, 'utf8')));
    const { name } = sent.metadata;
    const stored = await kube.get(customResourceDefinitions, { name });

    const answer = await kube.send({
      method: 'PATCH',
      path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
      query: { fieldManager: 'testbed', force: 'true', dryRun: 'All' },
      contentType: 'application/apply-patch+yaml',
      body: sent,
    });

    expect(customResourceDefinitions.schema.parse(answer)).toEqual(stored);
    expect(stored).toMatchObject({ spec: sent['spec'] });
  });
});
