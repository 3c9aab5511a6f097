import { expect, test } from 'vitest';
import { clusterVaultConnectionStatus } from '../../../src/core/status/connectionStatus.ts';
import { explain } from '../../../src/core/errors/errors.ts';
import { now } from './builders.ts';
import { aClusterConnection } from './connections.ts';
import { anError } from './someErrors.ts';

const connection = aClusterConnection();
const forbidden = { namespace: 'shop', error: anError('KeyVaultForbidden') };

test('a connection that nobody failed with can be used', () => {
  expect(clusterVaultConnectionStatus(connection, undefined, now)).toMatchObject({
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'True' }],
  });
});

test('a definite failure is told in full, with the namespace that met it', () => {
  const { conditions } = clusterVaultConnectionStatus(connection, forbidden, now);
  expect(conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'KeyVaultForbidden' },
    { type: 'Stalled', status: 'True', reason: 'KeyVaultForbidden' },
  ]);
  expect(conditions?.[0]?.message).toBe(`For namespace shop: ${explain(forbidden.error)}`);
});

test('what passes by itself writes no status', () => {
  const before = clusterVaultConnectionStatus(connection, undefined, now);
  const throttled = { namespace: 'shop', error: anError('KeyVaultThrottled') };
  expect(
    clusterVaultConnectionStatus({ ...connection, status: before }, throttled, now + 60_000),
  ).toEqual(before);
});

test('a selector is said to be a grant to whoever labels namespaces', () => {
  const byLabel = aClusterConnection({
    allowedNamespaces: { selector: { matchLabels: { a: 'b' } } },
  });
  expect(clusterVaultConnectionStatus(byLabel, undefined, now).conditions).toMatchObject([
    { type: 'Ready' },
    { type: 'GrantedByLabel', status: 'True' },
  ]);
});

test('a spec that does not fit the schema is named before anything else', () => {
  const problem = { field: 'spec.vaultUrl', problem: 'is missing' };
  expect(
    clusterVaultConnectionStatus({ ...connection, problem }, forbidden, now).conditions,
  ).toMatchObject([
    {
      type: 'Ready',
      reason: 'InvalidSpec',
      message: 'The spec is not valid: spec.vaultUrl is missing.',
    },
    { type: 'Stalled', status: 'True', reason: 'InvalidSpec' },
  ]);
});
