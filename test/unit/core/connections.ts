import type {
  ClusterVaultConnectionSpec,
  VaultConnectionSpec,
} from '../../../src/api/vaultConnection.ts';
import type {
  ClusterVaultConnection,
  VaultConnection,
} from '../../../src/core/observed/connection.ts';

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
