import {
  vaultConnectionProblem,
  type ObservedVaultConnection,
} from '../core/access/vaultConnectionProblem.ts';
import type { VaultConnection } from '../core/observed/connection.ts';
import {
  credentialKeyOf,
  credentialKeys,
  credentialSecretOf,
} from '../core/observed/servicePrincipal.ts';
import { vaultConnectionStatus } from '../core/status/connectionStatus.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ConnectionClient } from '../ports/connections.ts';
import type { CredentialClient } from '../ports/credentials.ts';
import type { ObjectName } from '../ports/kube.ts';
import type { Clock } from '../ports/system.ts';
import {
  observeCredential,
  observeServiceAccount,
  type ObserveIdentityDeps,
} from './observeIdentity.ts';
import { writeConnectionStatus } from './writeConnectionStatus.ts';

export interface VaultConnectionReconcilerDeps extends ObserveIdentityDeps {
  readonly cache: ObserveIdentityDeps['cache'] &
    Pick<ClusterCache, 'vaultConnection' | 'rememberVaultConnection'>;
  readonly credentials: CredentialClient;
  readonly connections: ConnectionClient<VaultConnection>;
  readonly clock: Clock;
  readonly defaultTenantId: string | undefined;
}

/** Keeps the status of a VaultConnection: observe → plan → apply. Keys are `namespace/name`. */
export function createVaultConnectionReconciler(deps: VaultConnectionReconcilerDeps) {
  const { cache, connections } = deps;
  const writes = { connections, remember: cache.rememberVaultConnection };
  return async (requestKey: string): Promise<Record<never, never>> => {
    const [namespace = '', name = ''] = requestKey.split('/');
    const observed = await observe(deps, { namespace, name });
    if (observed === undefined) return {};
    const { connection, now } = observed;
    const status = vaultConnectionStatus(connection, vaultConnectionProblem(observed), now);
    await writeConnectionStatus(writes, connection, status);
    return {};
  };
}

async function observe(
  deps: VaultConnectionReconcilerDeps,
  at: ObjectName,
): Promise<ObservedVaultConnection | undefined> {
  const connection = deps.cache.vaultConnection(at);
  if (connection === undefined) return undefined;
  const { serviceAccountName } = connection.spec;
  return {
    now: deps.clock.now(),
    connection,
    serviceAccount:
      serviceAccountName === undefined
        ? undefined
        : await observeServiceAccount(deps, connection, serviceAccountName),
    credential: await observeKeys(deps, connection),
    defaultTenantId: deps.defaultTenantId,
  };
}

/** Of the Secret only which keys are missing goes on from here. */
async function observeKeys(
  deps: VaultConnectionReconcilerDeps,
  connection: VaultConnection,
): Promise<ObservedVaultConnection['credential']> {
  const { namespace, spec } = connection;
  const { servicePrincipal } = spec;
  if (servicePrincipal === undefined) return undefined;
  const offered = await observeCredential(deps, connection, servicePrincipal);
  if (offered === undefined) return undefined;
  const keys = credentialKeys(credentialKeyOf(servicePrincipal));
  const secret = { namespace, name: credentialSecretOf(servicePrincipal) };
  const found = await deps.credentials.read(secret, keys);
  return found && { missingKeys: keys.filter((key) => !found.values.has(key)) };
}
