import { describe, expect, test } from 'vitest';
import { isLent } from '../../../src/core/access/lending.ts';
import { aClusterConnection, granted } from './connections.ts';

const lending = (objectPatterns: string[], names: string[], sharedByAll?: boolean) =>
  granted(
    aClusterConnection({
      allowedNamespaces: { names },
      lend: {
        identity: { kind: 'ControllerWorkloadIdentity' },
        objectPatterns,
        ...(sharedByAll === undefined ? {} : { sharedByAll }),
      },
    }),
  );

describe('an object is lent', () => {
  test.each<readonly [string, string[], string[], string, string]>([
    ['when it fits', ['{namespace}--*'], ['shop', 'billing'], 'shop', 'shop--db'],
    ['in any case, as Key Vault compares', ['{namespace}--*'], ['shop', 'pay'], 'shop', 'SHOP--Db'],
    ['when any pattern fits', ['x-*', '{namespace}-*-key'], ['shop', 'pay'], 'shop', 'shop-a-key'],
    ['by its full name', ['{namespace}-db'], ['shop', 'pay'], 'shop', 'shop-db'],
    ['without the placeholder, to the only namespace', ['db-*'], ['shop'], 'shop', 'db-password'],
    ['when a star stands for nothing', ['{namespace}*'], ['shop', 'pay'], 'shop', 'shop'],
  ])('%s', (...[, patterns, names, namespace, object]) => {
    expect(isLent(lending(patterns, names), namespace, object)).toBe(true);
  });

  test('to all, where the administrator said so', () => {
    expect(isLent(lending(['db-*'], ['shop', 'pay'], true), 'pay', 'db-password')).toBe(true);
  });
});

describe('an object is not lent', () => {
  test.each<readonly [string, string[], string[], string, string]>([
    ['of another namespace', ['{namespace}--*'], ['shop', 'pay'], 'shop', 'pay--db'],
    ['of a longer namespace', ['{namespace}-*'], ['a', 'a-b'], 'a', 'a-b-secret'],
    ['with something before it', ['{namespace}--*'], ['shop', 'pay'], 'shop', 'xshop--db'],
    ['with something behind it', ['{namespace}-db'], ['shop', 'pay'], 'shop', 'shop-db2'],
    ['when start and end overlap', ['{namespace}-x*x-y'], ['shop', 'pay'], 'shop', 'shop-x-y'],
    ['by a pattern for all, unless that is said', ['db-*'], ['shop', 'pay'], 'shop', 'db-password'],
  ])('%s', (...[, patterns, names, namespace, object]) => {
    expect(isLent(lending(patterns, names), namespace, object)).toBe(false);
  });

  test('by a connection that lends nothing', () => {
    expect(isLent(granted(aClusterConnection({ lend: undefined })), 'shop', 'shop--db')).toBe(
      false,
    );
  });
});

describe('a grant', () => {
  const byLabel = aClusterConnection({
    allowedNamespaces: { names: ['fixed'], selector: { matchLabels: { team: 'a', tier: 'x' } } },
  });

  test('by label holds the namespaces that have all of the labels, beside those by name', () => {
    const namespaces = [
      { name: 'one', labels: { team: 'a', tier: 'x', more: 'y' } },
      { name: 'two', labels: { team: 'a' } },
      { name: 'three', labels: {} },
    ];
    expect(granted(byLabel, namespaces).allowed).toEqual(['fixed', 'one']);
  });

  test('by name does not depend on which namespaces exist', () => {
    const byName = aClusterConnection({ allowedNamespaces: { names: ['later'] } });
    expect(granted(byName).allowed).toEqual(['later']);
  });
});
