import { describe, expect, test } from 'vitest';
import {
  clusterVaultConnectionCrd,
  vaultConnectionCrd,
  vaultSecretCrd,
  type SchemaNode,
} from '../../../src/api/crd.ts';

const crd = vaultSecretCrd();
const [version] = crd.spec.versions;
if (version === undefined) throw new TypeError('no version is served');
const root: SchemaNode = version.schema.openAPIV3Schema;

interface Field {
  readonly path: string;
  readonly node: SchemaNode;
  /** Inside a list. */
  readonly isItem: boolean;
}

function fieldsBelow(path: string, node: SchemaNode, isItem = false): readonly Field[] {
  const children = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    fieldsBelow(`${path}.${name}`, child, isItem),
  );
  const items = node.items === undefined ? [] : fieldsBelow(`${path}[]`, node.items, true);
  return [{ path, node, isItem }, ...children, ...items];
}

const fields = fieldsBelow('', root);
const written = fields.filter(({ path }) => path.startsWith('.spec'));

/** Of all three resources. */
const everyText = [vaultSecretCrd(), vaultConnectionCrd(), clusterVaultConnectionCrd()]
  .flatMap(({ metadata, spec: { versions } }) =>
    versions.flatMap(({ schema }) => {
      const top: SchemaNode = schema.openAPIV3Schema;
      return fieldsBelow(metadata.name, top);
    }),
  )
  .filter(({ node }) => typeof node['pattern'] === 'string');

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
describe('the schema is structural', () => {
  test.each(fields)('$path says its type and its one kind of content', ({ node }) => {
    expect(node.type).toMatch(/^(object|array|string|integer|boolean)$/);
    for (const keyword of [
      '$ref',
      '$schema',
      'anyOf',
      'oneOf',
      'allOf',
      'not',
      'propertyNames',
      'const',
    ])
      expect(node).not.toHaveProperty(keyword);
    expect(node['additionalProperties']).not.toBe(false);
    expect('properties' in node && 'additionalProperties' in node).toBe(false);
    expect('items' in node).toBe(node.type === 'array');
  });

  test.each(fields.filter(({ node }) => 'x-kubernetes-list-map-keys' in node))(
    '$path is a map by keys that each item has',
    ({ node }) => {
      const keys = node['x-kubernetes-list-map-keys'] as readonly string[];

      expect(node['x-kubernetes-list-type']).toBe('map');
      expect(node.items?.required).toEqual(expect.arrayContaining([...keys]));
    },
  );
});

describe('the schema keeps to what users and tools need', () => {
  test('fits into one object of 64 KB, far from the limit of client-side apply', () => {
    expect(Buffer.byteLength(JSON.stringify(crd))).toBeLessThan(64 * 1024);
  });

  test.each(fields.filter(({ path }) => path !== '.metadata'))(
    '$path is explained in a sentence',
    ({ path, node }) => {
      const isHead = ['.apiVersion', '.kind'].includes(path);
      expect(node.description).toMatch(isHead ? /^[A-Za-z]/ : /^[A-Z`].*[.]$/i);
    },
  );

  test('sets no default that would differ from what was written', () => {
    const defaults = fields.filter(({ node }) => 'default' in node).map(({ path }) => path);

    expect(defaults).toEqual(['.status']);
  });

  test('gives every VaultSecret a generation that nobody has observed, or it passes for ready', () => {
    expect(root.properties?.['status']?.['default']).toEqual({ observedGeneration: -1 });
  });

  test.each(fields.filter(({ node }) => typeof node['pattern'] === 'string'))(
    '$path has a pattern that RE2 reads as we do',
    ({ node }) => {
      const pattern = String(node['pattern']);

      expect(pattern).toMatch(/^\^.*\$$/);
      expect(pattern).not.toMatch(/\(\?|\\[1-9kpPuxdDwWsSbB/]/);
      expect(() => new RegExp(pattern)).not.toThrow();
    },
  );

  test.each(everyText)(
    '$path has plain words beside its pattern, and a rule no looser',
    (field) => {
      const rules = field.node['x-kubernetes-validations'] as readonly { readonly rule: string }[];

      expect(rules[0]?.rule).toBe(`self.matches('${String(field.node['pattern'])}')`);
    },
  );

  test.each(written.filter(({ node }) => ['string', 'array', 'object'].includes(node.type ?? '')))(
    '$path is bounded, as the cost of rules demands',
    ({ node }) => {
      const bounds = {
        string: ['maxLength', 'enum'],
        array: ['maxItems'],
        object: ['maxProperties', 'properties'],
      };
      const names = bounds[node.type as keyof typeof bounds];

      expect(names.some((name) => name in node)).toBe(true);
    },
  );

  test.each(fields.filter(({ node }) => 'x-kubernetes-validations' in node))(
    '$path has rules that each say what must be',
    ({ node }) => {
      for (const { rule, message } of node['x-kubernetes-validations'] as readonly Record<
        string,
        string
      >[]) {
        expect(rule).not.toBe('');
        expect(message).toMatch(/^must /);
      }
    },
  );
});

describe('kubectl', () => {
  test('lists state, cause, Secret and age, from fields that exist', () => {
    const columns = version.additionalPrinterColumns;
    const paths = columns.map(({ jsonPath }) => jsonPath.replace('[?(@.type=="Ready")]', '[]'));
    const known = [...fields.map(({ path }) => path), '.metadata.creationTimestamp'];

    expect(columns.map(({ name }) => name)).toEqual(['Ready', 'Reason', 'Secret', 'Age']);
    expect(known).toEqual(expect.arrayContaining(paths));
    for (const { description } of columns) expect(description).toMatch(/[.]$/);
  });

  test('knows the short name, and no category that is a resource of somebody', () => {
    expect(crd.spec.names.shortNames).toEqual(['vs']);
    // `kubectl get` takes a category before a resource, so a category `secrets` would hide all Secrets.
    expect(crd.spec.names.categories).toEqual(['keyvault']);
  });

  test('finds the resource under its group', () => {
    expect(crd.metadata.name).toBe('vaultsecrets.vaultsecret.dev');
    expect(crd.spec).toMatchObject({ group: 'vaultsecret.dev', scope: 'Namespaced' });
    expect(version).toMatchObject({ name: 'v1alpha1', subresources: { status: {} } });
  });
});
