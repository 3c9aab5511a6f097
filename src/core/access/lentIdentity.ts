import type { Cloud } from '../../api/cloud.ts';
import type { LendableIdentity } from '../../api/vaultConnection.ts';
import { ReconcileError, type Result } from '../errors/errors.ts';
import type { GrantedConnection } from '../observed/connection.ts';
import type { AssignedIdentity, LentIdentity } from '../observed/identity.ts';
import type { Observed } from '../observed/observed.ts';

const refuse = (error: ReconcileError): { ok: false; error: ReconcileError } => ({
  ok: false,
  error,
});

/** Whom the connection lends to this namespace, once it is known that it may. */
export function lentIdentity(
  {
    vaultSecret: { namespace },
    controllerIdentity,
    defaultTenantId,
  }: Pick<Observed, 'vaultSecret' | 'controllerIdentity' | 'defaultTenantId'>,
  { name: connection, uid, generation, spec }: GrantedConnection,
  cloud: Cloud,
): Result<LentIdentity> {
  const assigned = assignedIdentity(spec.lend?.identity);
  if (assigned === undefined && controllerIdentity === undefined)
    return refuse(new ReconcileError('LentIdentityNotConfigured', { details: { connection } }));
  const tenantId = (spec.tenantId ?? defaultTenantId)?.toLowerCase();
  if (tenantId === undefined)
    return refuse(new ReconcileError('LentTenantMissing', { details: { connection } }));
  const lent = {
    namespace,
    connection,
    connectionUid: uid,
    connectionGeneration: generation,
    tenantId,
    cloud,
  };
  if (assigned !== undefined)
    return { ok: true, value: { kind: 'managedIdentity', ...lent, assigned } };
  const clientId = controllerIdentity?.clientId.toLowerCase() ?? '';
  return { ok: true, value: { kind: 'controllerWorkloadIdentity', ...lent, clientId } };
}

/** Undefined: none of the host's. */
function assignedIdentity(lent: LendableIdentity | undefined): AssignedIdentity | undefined {
  if (lent?.kind === 'SystemAssignedIdentity') return { by: 'system' };
  if (lent?.kind !== 'UserAssignedIdentity') return undefined;
  const { clientId, objectId, resourceId } = lent;
  if (clientId !== undefined) return { by: 'clientId', id: clientId.toLowerCase() };
  if (objectId !== undefined) return { by: 'objectId', id: objectId.toLowerCase() };
  return { by: 'resourceId', id: resourceId ?? '' };
}
