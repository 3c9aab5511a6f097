import { expect, test } from 'vitest';
import type { LendSpec } from '../../../src/api/vaultConnection.ts';
import { aVaultSecret, tenantId } from '../core/builders.ts';
import { aClusterConnection, granted } from '../core/connections.ts';
import { anError } from '../core/someErrors.ts';
import { createWorld } from './world.ts';

const lend: LendSpec = {
  identity: { kind: 'SystemAssignedIdentity' },
  objectPatterns: ['{namespace}--*', 'db-*'],
  sharedByAll: true,
};
const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: 'platform' } as const;
const borrower = aVaultSecret({
  spec: { vaultUrl: undefined, serviceAccountName: undefined, vaultConnectionRef },
});

/** shop/shop borrows from ClusterVaultConnection platform; what is said of that is noted. */
function lendingWorld() {
  const noted: string[] = [];
  const world = createWorld(borrower, undefined, {
    report: (by, { connection }, error) =>
      void noted.push(`${by} by ${connection}: ${error?.reason ?? 'read'}`),
    forget: (by) => void noted.push(`${by} forgotten`),
  });
  world.state.connection = granted(aClusterConnection({ tenantId, lend }));
  return { world, noted };
}

test('what a borrower reads is reported, once for each reading', async () => {
  const { world, noted } = lendingWorld();
  await world.reconcile();
  await world.reconcile();
  expect(noted).toEqual(['shop/shop by platform: read']);
});

test('why a borrower cannot read is reported as it is, and shown to its user as a code', async () => {
  const { world, noted } = lendingWorld();
  world.state.vault.set('db-password', anError('KeyVaultRoleMissing'));
  await expect(world.reconcile()).rejects.toMatchObject({ reason: 'LentReadRefused' });
  expect(noted).toEqual(['shop/shop by platform: KeyVaultRoleMissing']);
});

test.each<readonly [string, (world: ReturnType<typeof createWorld>) => void]>([
  ['is deleted', (world) => world.delete()],
  ['is suspended', (world) => world.editSpec({ suspend: true })],
  ['names a ServiceAccount', (world) => world.editSpec({ serviceAccountName: 'shop' })],
  ['is no longer allowed', ({ state }) => void (state.connection = undefined)],
])('a borrower that %s is forgotten', async (_, step) => {
  const { world, noted } = lendingWorld();
  await world.reconcile();
  step(world);
  await world.reconcile().catch(() => undefined);
  expect(noted).toEqual(['shop/shop by platform: read', 'shop/shop forgotten']);
});
