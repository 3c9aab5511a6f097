import { clientIdAnnotation, tenantIdAnnotation } from '../api/meta.ts';
import { ReconcileError, type Result } from './errors.ts';

/** Whose token reads a vault. The only kind so far: there is no way to any other identity. */
export interface WorkloadIdentity {
  readonly kind: 'workloadIdentity';
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** A ServiceAccount that is made again under the same name is somebody else. */
  readonly serviceAccountUid: string;
  readonly clientId: string;
  readonly tenantId: string;
}

export interface ObservedServiceAccount {
  readonly uid: string;
  readonly clientId?: string;
  readonly tenantId?: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface IdentityRequest {
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly serviceAccount: ObservedServiceAccount | undefined;
  /** The controller's own default; a ServiceAccount's annotation goes before it. */
  readonly defaultTenantId: string | undefined;
}

/** Decided at each reconcile from the ServiceAccount as it is now, before any cache is asked. */
export function resolveIdentity(request: IdentityRequest): Result<WorkloadIdentity> {
  const { namespace, serviceAccountName, serviceAccount } = request;
  const details = { namespace, serviceAccount: serviceAccountName };
  const refuse = (error: ReconcileError): Result<WorkloadIdentity> => ({ ok: false, error });

  if (serviceAccount === undefined)
    return refuse(new ReconcileError('ServiceAccountNotFound', { details }));
  const { uid, clientId } = serviceAccount;
  if (clientId === undefined) return refuse(new ReconcileError('ClientIdMissing', { details }));
  if (!uuid.test(clientId)) {
    return refuse(
      new ReconcileError('IdentityInvalid', {
        details: { ...details, annotation: clientIdAnnotation },
      }),
    );
  }
  const tenantId = serviceAccount.tenantId ?? request.defaultTenantId;
  if (tenantId === undefined) return refuse(new ReconcileError('TenantIdMissing', { details }));
  if (!uuid.test(tenantId)) {
    return refuse(
      new ReconcileError('IdentityInvalid', {
        details: { ...details, annotation: tenantIdAnnotation },
      }),
    );
  }
  return {
    ok: true,
    value: {
      kind: 'workloadIdentity',
      namespace,
      serviceAccountName,
      serviceAccountUid: uid,
      // Microsoft Entra ID names them in lower case, as a vault's challenge does.
      clientId: clientId.toLowerCase(),
      tenantId: tenantId.toLowerCase(),
    },
  };
}

/** Total: two identities with one key are the same identity. Holds no secret. */
export function identityKey(identity: WorkloadIdentity): string {
  const { kind, namespace, serviceAccountUid, clientId, tenantId } = identity;
  return [kind, namespace, serviceAccountUid, clientId, tenantId].join('|');
}
