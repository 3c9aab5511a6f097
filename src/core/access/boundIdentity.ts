import type { Cloud } from '../../api/cloud.ts';
import { clientIdAnnotation, tenantIdAnnotation } from '../../api/meta.ts';
import { ReconcileError, type Result } from '../errors/errors.ts';
import type { ObservedServiceAccount, WorkloadIdentity } from '../observed/identity.ts';
import { quoted } from '../quoted.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface IdentityRequest {
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly serviceAccount: ObservedServiceAccount | undefined;
  /** Of the connection; goes before the annotation. */
  readonly clientId: string | undefined;
  /** Of the connection or the controller; a ServiceAccount's annotation goes before it. */
  readonly defaultTenantId: string | undefined;
  /** Of the vault that is to be read. */
  readonly cloud: Cloud;
}

/** Decided at each reconcile from the ServiceAccount as it is now, before any cache is asked. */
export function resolveIdentity(request: IdentityRequest): Result<WorkloadIdentity> {
  const { namespace, serviceAccountName, serviceAccount } = request;
  const details = { namespace, serviceAccount: serviceAccountName };
  const refuse = (error: ReconcileError): Result<WorkloadIdentity> => ({ ok: false, error });

  if (serviceAccount === undefined)
    return refuse(new ReconcileError('ServiceAccountNotFound', { details }));
  // The API server goes on to issue its tokens while a finalizer holds it: seen on kube-apiserver 1.36.3.
  if (serviceAccount.terminating === true)
    return refuse(new ReconcileError('ServiceAccountTerminating', { details }));
  const { uid } = serviceAccount;
  const clientId = request.clientId ?? serviceAccount.clientId;
  if (clientId === undefined) return refuse(new ReconcileError('ClientIdMissing', { details }));
  if (!uuid.test(clientId)) {
    return refuse(
      new ReconcileError('IdentityInvalid', {
        details: { ...details, annotation: clientIdAnnotation, value: quoted(clientId) },
      }),
    );
  }
  const tenantId = serviceAccount.tenantId ?? request.defaultTenantId;
  if (tenantId === undefined) return refuse(new ReconcileError('TenantIdMissing', { details }));
  if (!uuid.test(tenantId)) {
    return refuse(
      new ReconcileError('IdentityInvalid', {
        details: { ...details, annotation: tenantIdAnnotation, value: quoted(tenantId) },
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
      cloud: request.cloud,
    },
  };
}
