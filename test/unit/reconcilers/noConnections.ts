import type { ConnectionReader } from '../../../src/ports/connections.ts';

/** Whoever refers to none asks for none. */
export const noConnections: ConnectionReader = {
  vaultConnection: async () => undefined,
  clusterVaultConnection: async () => undefined,
  namespace: async () => undefined,
};
