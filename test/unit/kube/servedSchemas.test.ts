import { beforeEach, describe, expect, test } from 'vitest';
import {
  clusterVaultConnectionCrd,
  vaultConnectionCrd,
  vaultSecretCrd,
} from '../../../src/api/crd.ts';
import { PreflightError } from '../../../src/kube/preflight.ts';
import { checkSchemas } from '../../../src/kube/servedSchemas.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';

type Tree = Record<string, unknown>;

/** As kube-apiserver 1.36.3 publishes CRDs, cut down to what is read. */
function publishedDocument(): { components: { schemas: Record<string, Tree> } } {
  const crds = [vaultSecretCrd(), vaultConnectionCrd(), clusterVaultConnectionCrd()];
  const schemas = crds.map(({ spec: { names, versions } }) => [
    `dev.vaultsecret.v1alpha1.${names.kind}`,
    structuredClone(versions[0]?.schema.openAPIV3Schema),
  ]);
  return { components: { schemas: Object.fromEntries(schemas) } };
}

/** The node below the first that these property names lead to; `[]` are the items of a list. */
function propertiesAt(schema: Tree | undefined, ...names: readonly string[]): Tree {
  const node = names.reduce<unknown>((at, name) => {
    const { properties, items } = at as { properties?: Tree; items?: Tree };
    return name === '[]' ? items : properties?.[name];
  }, schema);
  return (node as { properties: Tree }).properties;
}

let document: ReturnType<typeof publishedDocument>;
let answer: () => unknown;
let now: number;
let requests: string[];
let warnings: string[];
const running = new AbortController().signal;

beforeEach(() => {
  document = publishedDocument();
  answer = () => document;
  now = 0;
  requests = [];
  warnings = [];
});

const ignore = (): void => undefined;
function check(signal: AbortSignal = running): Promise<void> {
  const log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (message: string) => void warnings.push(message),
    child: () => log,
  };
  const api = {
    send: async ({ path }: { path: string }) => {
      requests.push(path);
      return answer();
    },
    sendSized: () => Promise.reject(new Error('nothing is listed')),
    stream: () => Promise.reject(new Error('nothing is watched')),
  };
  const clock = {
    now: () => now,
    elapsed: () => now,
    sleep: async (ms: number) => void (now += ms),
    schedule: () => ignore,
  };
  return checkSchemas({ api, clock, log, controllerVersion: '1.2.3' }, signal);
}

const vaultSecret = (): Tree | undefined =>
  document.components.schemas['dev.vaultsecret.v1alpha1.VaultSecret'];

describe('the schemas that the API server serves', () => {
  test('are fit when they are our own, and are asked for once', async () => {
    await expect(check()).resolves.toBeUndefined();

    expect(requests).toEqual(['/openapi/v3/apis/vaultsecret.dev/v1alpha1']);
    expect(warnings).toEqual([]);
  });

  test('are fit when they are newer', async () => {
    propertiesAt(vaultSecret(), 'spec')['added'] = { type: 'string' };

    await expect(check()).resolves.toBeUndefined();
  });

  test('are fit without a kind that was not installed for us', async () => {
    delete document.components.schemas['dev.vaultsecret.v1alpha1.ClusterVaultConnection'];

    await expect(check()).resolves.toBeUndefined();
  });

  test.each<[field: string, parent: readonly string[]]>([
    ['VaultSecret.spec.suspend', ['spec']],
    ['VaultSecret.spec.data[].decode', ['spec', 'data', '[]']],
    ['VaultSecret.status.conditions[].reason', ['status', 'conditions', '[]']],
  ])(
    'are refused without %s, after a while in which they may be upgraded',
    async (path, parent) => {
      delete propertiesAt(vaultSecret(), ...parent)[path.split('.').at(-1) ?? ''];

      const checking = check();

      await expect(checking).rejects.toThrow(PreflightError);
      await expect(checking).rejects.toThrow(
        `older than this controller (1.2.3) and would drop ${path} without a word`,
      );
      expect(now).toBe(5_000);
    },
  );

  test('are waited for while the API server publishes an upgrade', async () => {
    const upgraded = structuredClone(document);
    delete propertiesAt(vaultSecret(), 'spec')['suspend'];
    answer = () => (requests.length < 4 ? document : upgraded);

    await expect(check()).resolves.toBeUndefined();

    expect(requests).toHaveLength(4);
  });

  test.each<[what: string, answer: () => unknown]>([
    [
      'may not be read',
      () => {
        throw new KubeApiError({ status: 403, reason: 'Forbidden', message: 'no' });
      },
    ],
    ['are something else', () => ({ swagger: '2.0' })],
  ])('keep nobody from starting when they %s', async (_, given) => {
    answer = given;

    await expect(check()).resolves.toBeUndefined();

    expect(warnings).toEqual(['the schemas of the CRDs cannot be compared with our own']);
  });

  test('are not spoken of after a stop', async () => {
    const stop = new AbortController();
    answer = () => {
      stop.abort(new Error('SIGTERM'));
      throw stop.signal.reason;
    };

    await expect(check(stop.signal)).resolves.toBeUndefined();
    await expect(check(stop.signal)).resolves.toBeUndefined();
    expect(requests).toHaveLength(1);
    expect(warnings).toEqual([]);
  });
});
