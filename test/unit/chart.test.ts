// What no `helm lint` says, in milliseconds. test/chart has the tests that need helm.
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  allowedReservedKeys,
  forbiddenSecretTypes,
  reservedKeyPattern,
} from '../../src/api/forbidden.ts';
import {
  identityBindingAudience,
  managedLabel,
  tokenExchangeAudience,
} from '../../src/api/meta.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CHART = 'deploy/helm';

function read(path: string): string {
  return readFileSync(resolve(ROOT, path), 'utf8');
}

function filesIn(folder: string, pattern = '*.yaml'): string[] {
  return globSync(pattern, { cwd: resolve(ROOT, folder) })
    .map((name) => `${folder}/${name}`)
    .toSorted();
}

type Tree = { readonly [key: string]: unknown };
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: unknown;
}

const values = parse(read(`${CHART}/values.yaml`)) as Tree;
const schema = JSON.parse(read(`${CHART}/values.schema.json`)) as Schema;
const SET_BY_HELM = 'global';

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The values of the schema by path, without the groups they stand in. */
function leaves({ properties = {} }: Schema, prefix = ''): [path: string, leaf: Schema][] {
  return Object.entries(properties).flatMap(([key, child]): [string, Schema][] =>
    child.properties && !('default' in child)
      ? leaves(child, `${prefix}${key}.`)
      : [[prefix + key, child]],
  );
}

/** Dotted paths in values.yaml, down to where the schema leaves the content to Kubernetes. */
function valuePaths(tree: Tree, { properties = {} }: Schema, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const child = properties[key];
    const inside =
      isTree(value) && child?.properties ? valuePaths(value, child, `${prefix}${key}.`) : [];
    return [prefix + key, ...inside];
  });
}

/** The groups of the schema, by path: objects whose properties it names. */
function groups(node: Schema, path = '(root)'): [path: string, group: Schema][] {
  const children = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    groups(child, `${path}.${key}`),
  );
  return node.properties ? [[path, node], ...children] : children;
}

describe('the values of the chart', () => {
  const inValues = valuePaths(values, schema);
  const templates = [...filesIn(`${CHART}/templates`, '**/*.{yaml,tpl,txt}')].map(read).join('\n');
  const used = [...templates.matchAll(/[.]Values[.]([\w.]+)/g)].map(([, path = '']) => path);

  test('have a default and an explanation in the schema, from which values.yaml is generated', () => {
    const bare = leaves(schema).filter(
      ([path, leaf]) => path !== SET_BY_HELM && !(leaf.description && 'default' in leaf),
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  test('are all used by a template', () => {
    const isUsed = (path: string): boolean =>
      used.some((use) => use === path || use.startsWith(`${path}.`) || path.startsWith(`${use}.`));
    expect(inValues.filter((path) => !isUsed(path))).toEqual([]);
  });

  test('are all there that a template uses', () => {
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((path) => !inValues.includes(path))).toEqual([]);
  });

  test('are named by the schema where a name of other charts is used', () => {
    const text = read(`${CHART}/values.schema.json`);
    const named = [...text.matchAll(/"not set: use ([\w.]+)/g)].map(([, path = '']) => path);
    const known = leaves(schema).map(([path]) => path);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !known.includes(path))).toEqual([]);
  });

  test('are refused by the schema when it does not know them', () => {
    const open = groups(schema).filter(([, group]) => group.additionalProperties !== false);
    expect(open.map(([path]) => path)).toEqual([]);
  });

  test('are accepted by the schema as they are', () => {
    const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    expect(validator.safeParse(values).error?.issues ?? []).toEqual([]);
    expect(validator.safeParse({ ...values, replicas: 2 }).success).toBe(false);
    expect(validator.safeParse({ ...values, logLevel: 'loud' }).success).toBe(false);
  });
});

const Rules = z.array(
  z.strictObject({
    apiGroups: z.array(z.string()).min(1),
    resources: z.array(z.string().min(1)).min(1),
    verbs: z.array(z.enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'])).min(1),
  }),
);

describe('the rights of the controller', () => {
  const ruleFiles = filesIn(`${CHART}/files`);

  test('stand in rule files that the role templates read', () => {
    const roles = ['rbac', 'securemetrics'].map((name) => read(`${CHART}/templates/${name}.yaml`));
    const readByTemplate = [...roles.join('\n').matchAll(/Files[.]Get "(.+?)"/g)].map(
      ([, file = '']) => file,
    );
    expect(ruleFiles.map((file) => file.slice(CHART.length + 1))).toEqual(
      readByTemplate.toSorted(),
    );
  });

  test.each(ruleFiles)('parse and hold no wildcard: %s', (file) => {
    const rules = Rules.parse(parse(read(file)));
    const words = rules.flatMap(({ apiGroups, resources }) => [...apiGroups, ...resources]);
    expect(words.filter((word) => word.includes('*'))).toEqual([]);
  });

  test('never write what users write: of our own resources the status, and a finalizer', () => {
    const ours = ruleFiles
      .flatMap((file) => Rules.parse(parse(read(file))))
      .filter(({ apiGroups }) => apiGroups.includes('vaultsecret.dev'));
    const mayWrite = ours.filter(({ verbs }) =>
      verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
    );
    const written = mayWrite.flatMap(({ resources, verbs }) =>
      resources.map((resource) => `${verbs.join()} ${resource}`),
    );
    expect(written).toEqual([
      'patch clustervaultconnections/status',
      'patch vaultsecrets/status',
      'patch vaultconnections/status',
      'patch vaultsecrets',
    ]);
  });
});

describe('the admission policies', () => {
  const folder = `${CHART}/files/policies`;
  const secretWrites = read(`${folder}/secretWrites.yaml`).replaceAll(/\s+/g, ' ');

  test('have a switch each', () => {
    const switches = leaves(schema).filter(([path]) => path.startsWith('admissionPolicies.'));
    expect(switches.map(([path]) => `${folder}/${path.split('.')[1]}.yaml`).toSorted()).toEqual(
      filesIn(folder),
    );
  });

  test('refuse the types, labels and annotations that the schema refuses', () => {
    const list = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');
    expect(secretWrites).toContain(`in [${list(forbiddenSecretTypes)}]`);
    expect(secretWrites).toContain(`key in ['${managedLabel}', ${list(allowedReservedKeys)}]`);
    expect(secretWrites).toContain(`key in [${list(allowedReservedKeys)}]`);
    expect(secretWrites.split(`matches('${reservedKeyPattern}')`)).toHaveLength(3);
  });

  test('allow the audiences that the code asks for, one of them with identity bindings alone', () => {
    const tokenRequests = read(`${folder}/tokenRequests.yaml`);
    const bindings = `$(IDENTITY_BINDINGS) && object.spec.audiences == ['${identityBindingAudience}']`;
    expect(tokenRequests).toContain(`object.spec.audiences == ['${tokenExchangeAudience}'] ||`);
    expect(tokenRequests).toContain(`(${bindings})`);
  });
});

describe('the chart', () => {
  test('has the version of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    const chart = parse(read(`${CHART}/Chart.yaml`)) as Tree;
    expect(chart).toMatchObject({ version, appVersion: version });
  });

  test('carries the generated CRDs, one a file', () => {
    const content = (folder: string): Tree =>
      Object.fromEntries(filesIn(folder).map((file) => [basename(file), read(file)]));
    expect(content(`${CHART}/files/crds`), 'run `npm run generate`').toEqual(content('crds'));
    for (const file of filesIn(`${CHART}/files/crds`)) {
      expect(parse(read(file))).toMatchObject({ kind: 'CustomResourceDefinition' });
    }
  });
});
