import type { VaultConnectionRef } from '../../api/vaultSecret.ts';
import { ReconcileError } from '../errors/errors.ts';
import { hasReadyReason } from '../observed/conditions.ts';
import { isAllowed } from './grants.ts';
import type { Observed, VaultSecret } from '../observed/observed.ts';

/** Why the connection that is referred to cannot be used, if one is. */
export function connectionProblem({
  vaultSecret,
  connection,
}: Pick<Observed, 'vaultSecret' | 'connection'>): ReconcileError | undefined {
  const { namespace, spec } = vaultSecret;
  const { vaultConnectionRef: ref } = spec;
  if (ref === undefined) return undefined;
  if (connection === undefined || !isAllowed(connection, namespace))
    return unavailable(ref, namespace);
  const details = { kind: connection.kind, connection: connection.name, namespace };
  return connection.problem && new ReconcileError('ConnectionInvalid', { details });
}

const unavailableReasons = {
  VaultConnection: 'VaultConnectionNotFound',
  ClusterVaultConnection: 'ClusterVaultConnectionNotAvailable',
} as const;

/** Equal for a connection that is not there and one that is not for this namespace: no oracle. */
function unavailable(
  { kind, name: connection }: VaultConnectionRef,
  namespace: string,
): ReconcileError {
  return new ReconcileError(unavailableReasons[kind], { details: { connection, namespace } });
}

/** Whether the status says of this very spec that its connection is not there, or not for it. */
export function isConnectionMissed(vaultSecret: VaultSecret): boolean {
  const { vaultConnectionRef: ref } = vaultSecret.spec;
  return ref !== undefined && hasReadyReason(vaultSecret, unavailableReasons[ref.kind]);
}
