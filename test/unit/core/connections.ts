import type {
  ClusterVaultConnectionSpec,
  VaultConnectionSpec,
} from '../../../src/api/vaultConnection.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
  ObservedNamespace,
  VaultConnection,
} from '../../../src/core/observed/connection.ts';
import { createGrants } from '../../../src/core/access/grants.ts';

/** VaultConnection shop/team. */
export function aConnection(
  spec: Partial<VaultConnectionSpec> = {},
  fields: Partial<VaultConnection> = {},
): VaultConnection {
  return {
    kind: 'VaultConnection',
    namespace: 'shop',
    name: 'team',
    uid: 'connection-uid',
    generation: 1,
    status: {},
    spec: { vaultUrl: 'https://team.vault.azure.net', ...spec },
    ...fields,
  };
}

/** ClusterVaultConnection platform, which allows shop and lends `shop--*` to it. */
export function aClusterConnection(
  spec: Partial<ClusterVaultConnectionSpec> = {},
): ClusterVaultConnection {
  return {
    kind: 'ClusterVaultConnection',
    name: 'platform',
    uid: 'connection-uid',
    generation: 1,
    status: {},
    spec: {
      vaultUrl: 'https://platform.vault.azure.net',
      allowedNamespaces: { names: ['shop', 'pay'] },
      lend: {
        identity: { kind: 'ControllerWorkloadIdentity' },
        objectPatterns: ['{namespace}--*'],
      },
      ...spec,
    },
  };
}

/** The grant of a connection, alone in its cluster unless others are given. */
export function granted(
  connection: ClusterVaultConnection,
  namespaces: readonly ObservedNamespace[] = [],
  others: readonly ClusterVaultConnection[] = [],
): GrantedConnection {
  return createGrants({ namespaces, connections: [connection, ...others] })(connection);
}
