import { describe, expect, test } from 'vitest';
import { clusterVaultConnectionStatus } from '../../../src/core/status/connectionStatus.ts';
import { clientId, now } from './builders.ts';
import { aClusterConnection, granted } from './connections.ts';
import { anError } from './someErrors.ts';

const connection = granted(aClusterConnection());
const forbidden = anError('KeyVaultRoleMissing');

test('a connection that nobody failed with can be used', () => {
  expect(clusterVaultConnectionStatus(connection, {}, now)).toMatchObject({
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'True' }],
  });
});

test('a failure of the identity is said with what helps, and without the object that showed it', () => {
  const { conditions } = clusterVaultConnectionStatus(connection, { failure: forbidden }, now);
  expect(conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'KeyVaultRoleMissing' },
    { type: 'Stalled', status: 'True', reason: 'KeyVaultRoleMissing' },
  ]);
  const message = conditions?.[0]?.message ?? '';
  expect(message).toContain(`Client ${clientId} has no role that lets it read secret <name>`);
  expect(message).toContain('az role assignment create');
  expect(message).not.toContain(String(forbidden.details['objectName']));
});

test('a selector is said to be a grant to whoever labels namespaces', () => {
  const byLabel = aClusterConnection({
    allowedNamespaces: { selector: { matchLabels: { a: 'b' } } },
  });
  expect(clusterVaultConnectionStatus(granted(byLabel), {}, now).conditions).toMatchObject([
    { type: 'Ready' },
    { type: 'GrantedByLabel', status: 'True' },
  ]);
});

test('a spec that does not fit the schema is named before anything else', () => {
  const problem = { field: 'spec.vaultUrl', problem: 'is missing' };
  expect(
    clusterVaultConnectionStatus({ ...connection, problem }, { failure: forbidden }, now)
      .conditions,
  ).toMatchObject([
    {
      type: 'Ready',
      reason: 'InvalidSpec',
      message: 'The spec is not valid: spec.vaultUrl is missing.',
    },
    { type: 'Stalled', status: 'True', reason: 'InvalidSpec' },
  ]);
});

describe('namespaces that one name can fit', () => {
  const messageWith = (overlaps: readonly (readonly [string, string])[]) =>
    clusterVaultConnectionStatus(connection, { overlaps }, now).conditions?.find(
      ({ type }) => type === 'NamesOverlap',
    )?.message;

  test('are named, with what becomes of such an object', () => {
    expect(messageWith([['shop', 'shop--eu']])).toBe(
      'The name of an object can fit two namespaces: shop and shop--eu. The longest of them alone reads it, and none where two are as long. Give them vaults of their own to lend all.',
    );
  });

  test('are named on the connections that allow one of them', () => {
    expect(messageWith([['web', 'web--eu']])).toBeUndefined();
  });

  test('are named up to a length that a condition can show', () => {
    const many = Array.from({ length: 500 }, (_, at): [string, string] => ['shop', `shop--${at}`]);
    expect(messageWith(many)).toMatch(/shop and shop--9, and others[.]/);
    expect(messageWith(many)?.length).toBeLessThan(1_024);
  });

  test('are any two of them by patterns that begin and end with a star', () => {
    const lend = {
      identity: { kind: 'ControllerWorkloadIdentity' } as const,
      objectPatterns: ['*-{namespace}-*'],
    };
    const { conditions } = clusterVaultConnectionStatus(
      granted(aClusterConnection({ lend })),
      {},
      now,
    );
    expect(conditions?.[1]).toMatchObject({
      type: 'NamesOverlap',
      status: 'True',
      message: expect.stringMatching(
        /^By [*]-[{]namespace[}]-[*] the name of an object can fit any two/,
      ),
    });
  });
});
