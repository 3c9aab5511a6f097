import { describe, expect, test } from 'vitest';
import { azureClouds } from '../../../src/api/cloud.ts';
import type { ConnectionStatus } from '../../../src/api/vaultConnection.ts';
import type { ErrorReason } from '../../../src/core/errors/errorCatalogue.ts';
import type { ClusterVaultConnection } from '../../../src/core/observed/connection.ts';
import type { LentIdentity } from '../../../src/core/observed/identity.ts';
import { createClusterVaultConnectionReconciler } from '../../../src/reconcilers/clusterVaultConnection.ts';
import { createLentReads } from '../../../src/reconcilers/lentReads.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { now, tenantId } from '../core/builders.ts';
import { aClusterConnection, granted } from '../core/connections.ts';
import { anError } from '../core/someErrors.ts';

const identityIn = (namespace: string, fields: Moved = {}): LentIdentity => ({
  kind: 'managedIdentity',
  assigned: { by: 'system' },
  connection: 'platform',
  connectionUid: 'connection-uid',
  connectionGeneration: 1,
  tenantId,
  cloud: azureClouds.AzurePublic,
  ...fields,
  namespace,
});

/** To another connection, or to another spec of it. */
type Moved = Partial<Pick<LentIdentity, 'connection' | 'connectionUid' | 'connectionGeneration'>>;

/** One connection, its controller, and every status that is written. */
function openConnection() {
  let stored: ClusterVaultConnection = aClusterConnection();
  const queue = new Set<string>();
  const written: ConnectionStatus[] = [];
  const lentReads = createLentReads((connection) => queue.add(connection));
  const reconcile = createClusterVaultConnectionReconciler({
    cache: {
      clusterVaultConnection: () => stored,
      granted: (connection) => granted(connection),
      rememberClusterVaultConnection: ({ body }) => void (stored = body),
    },
    connections: {
      async replaceStatus(connection, status) {
        written.push(status);
        const metadata = { namespace: '', name: 'platform', uid: 'uid', resourceVersion: '1' };
        return { metadata, body: { ...connection, status } };
      },
    },
    lentReads,
    clock: createManualClock(now),
  });
  const settle = async (): Promise<void> => {
    for (const name of queue) await reconcile(name);
    queue.clear();
  };
  return {
    written,
    /** The VaultSecret `namespace/app` has read, or failed to. */
    async read(namespace: string, reason?: ErrorReason, fields: Moved = {}): Promise<void> {
      const error = reason && anError(reason);
      lentReads.report(`${namespace}/app`, identityIn(namespace, fields), error);
      await settle();
    },
    async forget(namespace: string): Promise<void> {
      lentReads.forget(`${namespace}/app`);
      await settle();
    },
    /** Reasons of `Ready`, one for each status that was written. */
    reasons: () => written.map(({ conditions }) => conditions?.[0]?.reason),
  };
}

const namespaces = Array.from({ length: 100 }, (_, at) => `team-${at}`);
const others = { connectionUid: 'another', connection: 'another' };

describe('the status of a connection', () => {
  test('is written once when a hundred namespaces fail three times each, and once when they recover', async () => {
    const connection = openConnection();
    for (let round = 0; round < 3; round++)
      for (const namespace of namespaces) await connection.read(namespace, 'IdentityDisabled');
    expect(connection.reasons()).toEqual(['IdentityDisabled']);

    for (const namespace of namespaces) await connection.read(namespace);
    expect(connection.reasons()).toEqual(['IdentityDisabled', 'Valid']);
  });

  test('names neither the object nor the namespace that met the failure', async () => {
    const connection = openConnection();
    await connection.read('team-1', 'KeyVaultRoleMissing');

    const shown = JSON.stringify(connection.written);
    expect(shown).toContain('KeyVaultRoleMissing');
    expect(shown).not.toContain('db-password');
    expect(shown).not.toContain('team-1');
  });

  test('does not move when borrowers meet two failures in turns', async () => {
    const connection = openConnection();
    for (let round = 0; round < 3; round++) {
      await connection.read('team-1', 'IdentityDisabled');
      await connection.read('team-2', 'ConditionalAccessBlocked');
    }
    expect(connection.reasons()).toEqual(['IdentityDisabled']);

    await connection.read('team-1');
    expect(connection.reasons()).toEqual(['IdentityDisabled', 'ConditionalAccessBlocked']);
  });

  test.each([
    'KeyVaultSecretNotFound',
    'KeyVaultSecretDisabled',
    'ValueNotDecodable',
    'KeyVaultThrottled',
    'EntraUnavailable',
    'TokenResourceUnknown',
  ] as const)('does not change by %s, which is not of the identity', async (reason) => {
    const connection = openConnection();
    await connection.read('team-1');
    await connection.read('team-2', reason);
    await connection.read('team-1');
    expect(connection.written).toEqual([]);
  });

  test('stays while what is met shows nothing of the identity', async () => {
    const connection = openConnection();
    await connection.read('team-1', 'IdentityDisabled');
    await connection.read('team-1', 'EntraUnavailable');
    expect(connection.reasons()).toEqual(['IdentityDisabled']);
  });

  test('is ready again when the identity is let in and the object is missing', async () => {
    const connection = openConnection();
    await connection.read('team-1', 'KeyVaultRoleMissing');
    await connection.read('team-1', 'KeyVaultSecretNotFound');
    expect(connection.reasons()).toEqual(['KeyVaultRoleMissing', 'Valid']);
  });
});

describe('a vault that does not let the identity in', () => {
  test('changes nothing while others read with it', async () => {
    const connection = openConnection();
    await connection.read('team-1');
    for (let round = 0; round < 3; round++) {
      await connection.read('team-2', 'KeyVaultRoleMissing');
      await connection.read('team-1');
    }
    expect(connection.written).toEqual([]);
  });

  test.each([
    'KeyVaultRoleMissing',
    'KeyVaultPolicyMissing',
    'KeyVaultForbidden',
    'KeyVaultNetworkForbidden',
    'KeyVaultPublicAccessDisabled',
    'VaultNotTrusted',
  ] as const)('is shown when none reads any more: %s', async (reason) => {
    const connection = openConnection();
    await connection.read('team-1');
    await connection.read('team-2', reason);
    await connection.read('team-1', reason);
    expect(connection.reasons()).toEqual([reason]);
  });
});

describe('a failure goes', () => {
  test('with the VaultSecret that met it', async () => {
    const connection = openConnection();
    await connection.read('team-1', 'IdentityDisabled');
    await connection.forget('team-1');
    expect(connection.reasons()).toEqual(['IdentityDisabled', 'Valid']);
  });

  test('when its VaultSecret borrows from another connection', async () => {
    const connection = openConnection();
    await connection.read('team-1', 'IdentityDisabled');
    await connection.read('team-1', undefined, others);
    expect(connection.reasons()).toEqual(['IdentityDisabled', 'Valid']);
  });

  test('but not with another VaultSecret', async () => {
    const connection = openConnection();
    await connection.read('team-1', 'IdentityDisabled');
    await connection.read('team-2', 'IdentityDisabled');
    await connection.forget('team-1');
    await connection.forget('team-3');
    expect(connection.reasons()).toEqual(['IdentityDisabled']);
  });

  test('and so does a success that others met with a former spec of the connection', async () => {
    const connection = openConnection();
    await connection.read('team-1');
    await connection.read('team-2');
    await connection.read('team-2', 'KeyVaultRoleMissing', { connectionGeneration: 2 });
    expect(connection.reasons()).toEqual(['KeyVaultRoleMissing']);

    await connection.read('team-1', undefined, { connectionGeneration: 2 });
    expect(connection.reasons()).toEqual(['KeyVaultRoleMissing', 'Valid']);
  });
});
