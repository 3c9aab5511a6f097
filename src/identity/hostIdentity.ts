import { RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { z } from 'zod';
import type { Cloud } from '../api/cloud.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import type { WorkloadIdentity } from '../core/observed/identity.ts';
import { redact, reveal } from '../core/redacted.ts';
import type { AccessToken, ObtainedToken } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';
import type { AssertionSource } from './assertions.ts';
import { createWorkloadExchange } from './workloadIdentity.ts';

/** Which identity of the host: the one that the system assigned, or its only one, where nothing names it. */
export interface AssignedName {
  readonly by: 'clientId' | 'objectId' | 'resourceId';
  readonly id: string;
}

/** Who a process on this host is, as its token says. */
export interface HostToken extends ObtainedToken {
  readonly clientId: string;
  readonly tenantId: string;
  readonly objectId: string;
}

/** A fresh token for a scope. @throws ReconcileError of the codes VS16x, and of Microsoft Entra ID */
export type HostTokens = (scope: string) => Promise<HostToken>;

export interface ManagedHostDeps {
  /** Reaches what gives tokens on the host. */
  readonly httpClient: HttpClient;
  readonly assigned: AssignedName | undefined;
  readonly clock: Clock;
}

/**
 * Virtual machine, scale set, App Service, Functions or Arc: @azure/identity tells them apart by their variables.
 * https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/overview
 */
export function createManagedHostTokens({
  httpClient,
  assigned,
  clock,
}: ManagedHostDeps): HostTokens {
  return async (scope) => {
    let last: { status?: number; cause?: string } = {};
    const witness: HttpClient = {
      async sendRequest(request) {
        try {
          const response = await httpClient.sendRequest(request);
          last = { status: response.status };
          return response;
        } catch (thrown) {
          last = { cause: thrown instanceof RestError ? thrown.message : 'no answer' };
          throw thrown;
        }
      },
    };
    const credential = managedCredential(witness, assigned);
    const answer = await credential.getToken(scope).catch(() => null);
    if (answer === null) throw hostError(last, assigned);
    const expiresAt = answer.expiresOnTimestamp;
    return describedToken({ token: redact(answer.token), expiresAt }, clock);
  };
}

function managedCredential(
  httpClient: HttpClient,
  assigned: AssignedName | undefined,
): TokenCredential {
  const options = { httpClient, retryOptions: { maxRetries: 0 } };
  switch (assigned?.by) {
    case undefined:
      return new ManagedIdentityCredential(options);
    case 'clientId':
      return new ManagedIdentityCredential({ ...options, clientId: assigned.id });
    case 'objectId':
      return new ManagedIdentityCredential({ ...options, objectId: assigned.id });
    case 'resourceId':
      return new ManagedIdentityCredential({ ...options, resourceId: assigned.id });
  }
}

/** App Service answers 500 for an identity that it does not have, and IMDS 400. */
function hostError(
  { status, cause = 'no answer' }: { status?: number; cause?: string },
  assigned: AssignedName | undefined,
): ReconcileError {
  if (status === undefined)
    return new ReconcileError('HostIdentityUnreachable', { details: { cause } });
  const isUnknown = status === 400 || status === 404 || (status === 500 && assigned !== undefined);
  if (!isUnknown) return new ReconcileError('HostIdentityRefused', { details: { status } });
  const identity =
    assigned === undefined
      ? 'a system-assigned identity, nor just one other'
      : `the identity ${assigned.id}`;
  return new ReconcileError('HostIdentityNotAssigned', { details: { identity, status } });
}

export interface FederatedHostDeps {
  readonly httpClient: HttpClient;
  readonly cloud: Cloud;
  /** Of the pod. */
  readonly assertions: AssertionSource;
  readonly clientId: string;
  readonly tenantId: string;
  readonly clock: Clock;
}

/** A pod with workload identity: https://azure.github.io/azure-workload-identity/docs/ */
export function createFederatedHostTokens(deps: FederatedHostDeps): HostTokens {
  const { clientId, tenantId, cloud } = deps;
  const exchange = createWorkloadExchange(deps);
  return async (scope) => {
    const identity = asIdentity({ clientId, tenantId }, '', cloud);
    return describedToken(await exchange({ identity, scope }), deps.clock);
  };
}

/** In the words of the adapters: who reads is nobody's ServiceAccount here, and no key of a cache. */
export function asIdentity(
  { clientId, tenantId }: Pick<HostToken, 'clientId' | 'tenantId'>,
  namespace: string,
  cloud: Cloud,
): WorkloadIdentity {
  return {
    kind: 'workloadIdentity',
    cloud,
    namespace,
    serviceAccountName: '',
    serviceAccountUid: '',
    clientId: clientId.toLowerCase(),
    tenantId: tenantId.toLowerCase(),
  };
}

/** https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference */
const claimsSchema = z.object({
  appid: z.string().optional(),
  azp: z.string().optional(),
  oid: z.string(),
  tid: z.string(),
});

/** Read, not verified: what it is sent to verifies it. */
function describedToken({ token, expiresAt }: AccessToken, clock: Clock): HostToken {
  const payload = Buffer.from(reveal(token).split('.')[1] ?? '', 'base64url').toString('utf8');
  const { appid, azp = '', oid, tid } = claimsSchema.parse(JSON.parse(payload));
  const obtainedAt = clock.now();
  return { token, expiresAt, obtainedAt, clientId: appid ?? azp, tenantId: tid, objectId: oid };
}
