import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LendSpec } from '../../../src/api/vaultConnection.ts';
import { isLent, lentPatterns } from '../../../src/core/access/lending.ts';
import { fits } from '../../../src/core/access/objectPattern.ts';
import { meetingPatterns, overlapsOf } from '../../../src/core/access/owners.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
} from '../../../src/core/observed/connection.ts';
import { createGrants } from '../../../src/core/access/grants.ts';
import { aClusterConnection } from './connections.ts';

interface Lending {
  readonly allowed: readonly string[];
  readonly patterns: readonly string[];
  readonly vault?: string;
  readonly sharedByAll?: boolean;
}

function aLender({ allowed, patterns, vault = 'platform', ...more }: Lending, at: number) {
  const lend: LendSpec = {
    identity: { kind: 'ControllerWorkloadIdentity' },
    objectPatterns: [...patterns],
    ...more,
  };
  const vaultUrl = `https://${vault}.vault.azure.net`;
  const spec = { vaultUrl, allowedNamespaces: { names: [...allowed] }, lend };
  return { ...aClusterConnection(spec), name: `connection-${at}` };
}

/** All connections of a cluster with these namespaces. */
function lendingAll(lendings: readonly Lending[], existing: readonly string[] = []) {
  const connections: ClusterVaultConnection[] = lendings.map(aLender);
  const namespaces = existing.map((name) => ({ name, labels: {} }));
  return connections.map(createGrants({ namespaces, connections }));
}

function readersOf(connections: readonly GrantedConnection[], object: string): string[] {
  const readers = connections.flatMap((connection) =>
    connection.allowed.filter((namespace) => isLent(connection, namespace, object)),
  );
  return [...new Set(readers)].toSorted();
}

describe('an object is read by the longest namespace that fits, and by none where two are as long', () => {
  test.each<readonly [string, readonly Lending[], readonly string[], string, string[]]>([
    [
      'in the middle',
      [{ allowed: ['team-a', 'team-b'], patterns: ['*-{namespace}-*'] }],
      [],
      'app-team-a-team-b-key',
      [],
    ],
    [
      'of two patterns',
      [{ allowed: ['a', 'b'], patterns: ['{namespace}-*', '*-{namespace}'] }],
      [],
      'a-b',
      [],
    ],
    [
      'of two lengths',
      [{ allowed: ['shop', 'shop-eu'], patterns: ['{namespace}-*', '*-{namespace}'] }],
      [],
      'shop-eu-key-shop',
      ['shop-eu'],
    ],
    [
      'of two connections',
      [
        { allowed: ['shop'], patterns: ['{namespace}-*'] },
        { allowed: ['shop-eu'], patterns: ['{namespace}-*'] },
      ],
      [],
      'shop-eu-db',
      ['shop-eu'],
    ],
    [
      'of a connection without lending',
      [{ allowed: ['shop'], patterns: ['{namespace}--*'] }],
      ['shop', 'shop--eu'],
      'shop--eu--db',
      [],
    ],
    [
      'twice in one name',
      [{ allowed: ['a', 'ab'], patterns: ['{namespace}-{namespace}-*'] }],
      [],
      'ab-ab-x',
      ['ab'],
    ],
    [
      'in any case',
      [{ allowed: ['shop', 'shop--eu'], patterns: ['{namespace}--*'] }],
      [],
      'Shop--EU--db',
      ['shop--eu'],
    ],
    [
      'in another vault',
      [
        { allowed: ['shop'], patterns: ['{namespace}-*'] },
        { allowed: ['shop-eu'], patterns: ['{namespace}-*'], vault: 'other' },
      ],
      [],
      'shop-eu-db',
      ['shop', 'shop-eu'],
    ],
  ])('%s', (...[, lendings, existing, object, readers]) => {
    expect(readersOf(lendingAll(lendings, existing), object)).toEqual(readers);
  });

  test('of a namespace that a connection allows, though it does not exist yet', () => {
    const connections = lendingAll([
      { allowed: ['shop'], patterns: ['{namespace}--*'] },
      { allowed: ['shop--eu'], patterns: ['eu-*'] },
    ]);
    expect(readersOf(connections, 'shop--eu--db')).toEqual([]);
  });
});

describe('a pattern without the placeholder', () => {
  const one = { allowed: ['monitoring'], patterns: ['*'] };

  test('reads only what no namespace claims with it', () => {
    const connections = lendingAll([
      one,
      { allowed: ['pay', 'web'], patterns: ['{namespace}--*'] },
    ]);
    expect(readersOf(connections, 'pay--db')).toEqual(['pay']);
    expect(readersOf(connections, 'cluster-key')).toEqual(['monitoring']);
  });

  test('reads nothing that another one claims for another namespace', () => {
    const connections = lendingAll([one, { allowed: ['web'], patterns: ['shared-*'] }]);
    expect(readersOf(connections, 'shared-key')).toEqual([]);
    expect(readersOf(connections, 'cluster-key')).toEqual(['monitoring']);
  });

  test('reads all that it fits where an administrator shares it on purpose, and claims nothing', () => {
    const shared = { allowed: ['ops', 'audit'], patterns: ['*'], sharedByAll: true };
    const connections = lendingAll([
      shared,
      { allowed: ['pay', 'web'], patterns: ['{namespace}--*'] },
    ]);
    expect(readersOf(connections, 'pay--db')).toEqual(['audit', 'ops', 'pay']);
  });
});

const namespace = fc.stringMatching(/^[ab]([ab-]{0,4}[ab])?$/);
const withPlaceholder = fc
  .array(fc.constantFrom('{namespace}', '*', '-', 'a', 'b', '--'), { maxLength: 4 })
  .map((parts) => parts.join(''))
  .chain((rest) =>
    fc.constantFrom(`{namespace}${rest}`, `${rest}{namespace}`, `*{namespace}${rest}`),
  );
const withoutPlaceholder = fc
  .array(fc.constantFrom('*', '-', 'a', 'b'), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));
const objectName = fc.stringMatching(/^[abAB-]{1,12}$/);
const namesOf = fc.uniqueArray(namespace, { minLength: 1, maxLength: 4 });
const byPlaceholder = fc.record({
  allowed: namesOf,
  patterns: fc.array(withPlaceholder, { minLength: 1, maxLength: 3 }),
});
const forOne = fc.record({
  allowed: fc.tuple(namespace),
  patterns: fc.array(fc.oneof(withPlaceholder, withoutPlaceholder), { minLength: 1, maxLength: 3 }),
});
const sharing = fc.record({
  allowed: namesOf,
  patterns: fc.array(fc.oneof(withPlaceholder, withoutPlaceholder), { minLength: 1, maxLength: 2 }),
  sharedByAll: fc.constant(true),
});
const runs = { numRuns: 2_000 };

test('every object is read by one namespace or none, whatever the patterns, namespaces and connections', () => {
  const lendings = fc.array(fc.oneof(byPlaceholder, forOne), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lendings, namesOf, objectName, (given, existing, object) => {
      expect(readersOf(lendingAll(given, existing), object).length).toBeLessThanOrEqual(1);
    }),
    runs,
  );
});

/** The rule, the slow way. */
function expectedOwner(lendings: readonly Lending[], existing: readonly string[], object: string) {
  const all = [...new Set([...existing, ...lendings.flatMap(({ allowed }) => allowed)])];
  const patterns = lendings.flatMap((one) => one.patterns);
  const fitting = all.filter((one) =>
    patterns.some((pattern) => fits(pattern.replaceAll('{namespace}', one), object.toLowerCase())),
  );
  const longest = Math.max(...fitting.map(({ length }) => length));
  const owners = fitting.filter(({ length }) => length === longest);
  return owners.length === 1 ? owners[0] : undefined;
}

test('an owner that is looked up is the one that a comparison with every namespace finds', () => {
  const lendings = fc.array(byPlaceholder, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(lendings, namesOf, objectName, (given, existing, object) => {
      const owner = expectedOwner(given, existing, object);
      const isAllowed = given.some(
        ({ allowed, patterns }) =>
          owner !== undefined &&
          allowed.includes(owner) &&
          patterns.some((one) => fits(one.replaceAll('{namespace}', owner), object.toLowerCase())),
      );
      expect(readersOf(lendingAll(given, existing), object)).toEqual(isAllowed ? [owner] : []);
    }),
    runs,
  );
});

describe('what is said of a grant agrees with what is lent', () => {
  const isSaid = (connection: GrantedConnection, of: string, object: string): boolean => {
    const { objects, except } = lentPatterns(connection, of);
    const doesFit = (patterns: readonly string[]): boolean =>
      patterns.some((one) => fits(one.toLowerCase(), object.toLowerCase()));
    return doesFit(objects) && !doesFit(except);
  };

  test('exactly, where every pattern holds the placeholder', () => {
    const lendings = fc.array(byPlaceholder, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(lendings, namesOf, objectName, (given, existing, object) => {
        for (const connection of lendingAll(given, existing))
          for (const of of connection.allowed)
            expect(isSaid(connection, of, object)).toBe(isLent(connection, of, object));
      }),
      runs,
    );
  });

  test('and otherwise never says less', () => {
    const lendings = fc.array(fc.oneof(byPlaceholder, forOne, sharing), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(lendings, namesOf, objectName, (given, existing, object) => {
        const unsaid = lendingAll(given, existing).flatMap((connection) =>
          connection.allowed.filter(
            (of) => isLent(connection, of, object) && !isSaid(connection, of, object),
          ),
        );
        expect(unsaid).toEqual([]);
      }),
      runs,
    );
  });
});

describe('overlaps', () => {
  const overlaps = (lendings: readonly Lending[], existing: readonly string[] = []) => {
    const [first] = lendingAll(lendings, existing);
    return first && overlapsOf(first.claims);
  };

  test('are of namespaces whose objects one name can be', () => {
    expect(
      overlaps(
        [{ allowed: ['shop', 'pay'], patterns: ['{namespace}--*'] }],
        ['shop--eu', 'shop-us', 'pay'],
      ),
    ).toEqual([['shop', 'shop--eu']]);
  });

  test('are seen between connections to one vault', () => {
    const other = { allowed: ['shop'], patterns: ['shared'] };
    expect(overlaps([{ allowed: ['pay'], patterns: ['*'] }, other])).toEqual([['pay', 'shop']]);
    expect(overlaps([{ allowed: ['web'], patterns: ['web-*'] }, other])).toEqual([]);
  });

  test.each<readonly [readonly string[], readonly string[] | undefined]>([
    [['{namespace}--*'], undefined],
    [['*-{namespace}-*'], ['*-{namespace}-*', '*-{namespace}-*']],
    [
      ['{namespace}-*', '*-{namespace}'],
      ['{namespace}-*', '*-{namespace}'],
    ],
    [['app-*-{namespace}'], undefined],
    [['app-*-{namespace}-*-x'], ['app-*-{namespace}-*-x', 'app-*-{namespace}-*-x']],
    [['{namespace}-db'], undefined],
  ])('of any two namespaces are seen in the patterns %j', (patterns, meeting) => {
    const [first] = lendingAll([{ allowed: ['shop', 'pay'], patterns }]);
    expect(first && meetingPatterns(first.claims)).toEqual(meeting);
  });
});
