import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { customResourceDefinitions, vaultSecrets } from '../testbed/kubeResources.ts';
import { KubeRequestError } from '../testbed/kubeTransport.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
let namespace: string;

beforeAll(async () => {
  namespace = await stage.createNamespace();
});
afterAll(() => world.close());

const secret = { name: 'password' };
const entry = { dataKey: 'PASSWORD', secret };
const good = {
  vaultUrl: 'https://shop-prod.vault.azure.net',
  serviceAccountName: 'shop',
  data: [entry],
};
const many = (count: number) => Array.from({ length: count }, (_, index) => index);
const a = (count: number): string => 'a'.repeat(count);

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

/** Invalid values are 422 and name the field as a cause; unknown and repeated fields are 400 and name it in the text. */
const refused: readonly (readonly [what: string, change: object, field: string])[] = [
  ...[
    'http://shop-prod.vault.azure.net',
    'https://shop-prod.example.com',
    'https://shop-prod.vault.azure.net.example.com',
    'https://example.com/shop-prod.vault.azure.net',
    'https://example.com#shop-prod.vault.azure.net',
    'https://shop-prod.vault.azure.net:8443',
    'https://user:word@shop-prod.vault.azure.net',
    'https://user@shop-prod.vault.azure.net',
    'https://shop-prod.vault.azure.net/secrets/password',
    'https://shop-prod.vault.azure.net?x=1',
    'https://shop-prod.vault.azure.net\n',
    'https://shop.prod.vault.azure.net',
    'https://SHOP.vault.azure.net',
    'https://ab.vault.azure.net',
    'https://login.microsoftonline.com',
    'shop-prod.vault.azure.net',
    '',
  ].map((vaultUrl) => [JSON.stringify(vaultUrl), { vaultUrl }, 'spec.vaultUrl'] as const),
  ...['1x', '30s', '59s', '-1h', '1d', '1', 'h', '', '1.5h', '1h ', '1m1h', '0h'].map(
    (refreshInterval) =>
      [`interval "${refreshInterval}"`, { refreshInterval }, 'spec.refreshInterval'] as const,
  ),
  ['an illegal ServiceAccount', { serviceAccountName: 'Shop' }, 'spec.serviceAccountName'],
  ['a foreign ServiceAccount', { serviceAccountName: 'other/shop' }, 'spec.serviceAccountName'],
  ['no data', { data: undefined }, 'spec.data'],
  ['empty data', { data: [] }, 'spec.data'],
  ['257 keys', { data: many(257).map((n) => ({ ...entry, dataKey: `k${n}` })) }, 'spec.data'],
  ['a key twice', { data: [entry, { ...entry, secret: { name: 'b' } }] }, 'spec.data[1]'],
  ['no key', { data: [{ secret }] }, 'spec.data[0].dataKey'],
  ...['', 'a b', 'a/b', '..', '..a', 'ä', 'a\n', a(254)].map(
    (dataKey) =>
      [
        `key ${JSON.stringify(dataKey)}`,
        { data: [{ ...entry, dataKey }] },
        'spec.data[0].dataKey',
      ] as const,
  ),
  ['no source', { data: [{ dataKey: 'A' }] }, 'spec.data[0]'],
  ...['', 'db_password', 'db.password', 'secrets/password', 'päss', a(128)].map(
    (name) =>
      [
        `secret ${JSON.stringify(name)}`,
        { data: [{ ...entry, secret: { name } }] },
        'spec.data[0].secret.name',
      ] as const,
  ),
  ...['', 'latest', a(31), 'A'.repeat(32), `${a(32)}b`, `${a(31)}g`].map(
    (version) =>
      [
        `version ${JSON.stringify(version)}`,
        { data: [{ ...entry, secret: { ...secret, version } }] },
        'spec.data[0].secret.version',
      ] as const,
  ),
  ['an unknown decoding', { data: [{ ...entry, decode: 'gzip' }] }, 'spec.data[0].decode'],
  ...[
    'kubernetes.io/service-account-token',
    'bootstrap.kubernetes.io/token',
    'helm.sh/release.v1',
    '',
    a(254),
  ].map((type) => [`type ${type}`, { target: { type } }, 'spec.target.type'] as const),
  ['a type without its keys', { target: { type: 'kubernetes.io/tls' } }, 'spec.data'],
  ...['', 'Shop', 'a_b', '-a', 'a..b', a(254)].map(
    (name) => [`target ${name}`, { target: { name } }, 'spec.target.name'] as const,
  ),
  ...(['labels', 'annotations'] as const).flatMap((map) =>
    [
      'vaultsecret.dev/managed',
      'x.vaultsecret.dev/y',
      'kubernetes.io/service-account.name',
      'app.kubernetes.io/managed-by',
      'kubectl.kubernetes.io/last-applied-configuration',
      'node-restriction.k8s.io/x',
      'meta.helm.sh/release-name',
      'a b',
      '/a',
      '',
    ].map(
      (key) =>
        [`${map} ${key}`, { target: { [map]: { [key]: 'x' } } }, `spec.target.${map}`] as const,
    ),
  ),
  ['an illegal label value', { target: { labels: { a: 'b c' } } }, 'spec.target.labels.a'],
  ['a long label value', { target: { labels: { a: a(64) } } }, 'spec.target.labels.a'],
  ['a long annotation', { target: { annotations: { b: a(1_025) } } }, 'spec.target.annotations.b'],
  [
    'many labels',
    { target: { labels: Object.fromEntries(many(33).map((n) => [`l${n}`, 'x'])) } },
    'spec.target.labels',
  ],
  ...[
    { type: 'Opaque' },
    { labels: { a: 'b' } },
    { annotations: { a: 'b' } },
    { deletionPolicy: 'Delete' },
  ].map(
    (field) =>
      [
        `Merge with ${Object.keys(field).join()}`,
        { target: { creationPolicy: 'Merge', ...field } },
        'spec.target',
      ] as const,
  ),
  ['an unknown policy', { target: { creationPolicy: 'None' } }, 'spec.target.creationPolicy'],
  ['an unknown deletion', { target: { deletionPolicy: 'Purge' } }, 'spec.target.deletionPolicy'],
  ['text for a switch', { suspend: 'yes' }, 'spec.suspend'],
  ['an unknown field', { vaultURL: good.vaultUrl }, 'spec.vaultURL'],
  ['an unknown field of a key', { data: [{ ...entry, key: 'x' }] }, 'spec.data[0].key'],
  ['an unknown field of the target', { target: { namespace: 'x' } }, 'spec.target.namespace'],
];

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
