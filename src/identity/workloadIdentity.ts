import { ClientAssertionCredential } from '@azure/identity';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { clientIdAnnotation, tenantIdAnnotation } from '../api/meta.ts';
import type { FederatedIdentity } from '../core/observed/identity.ts';
import type { ErrorReason } from '../core/errors/errorCatalogue.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { redact, reveal } from '../core/redacted.ts';
import type { AccessToken, TokenRequest } from '../ports/azure.ts';
import type { Assertion, AssertionSource } from './assertions.ts';
import { entraError, type EntraExchange, type EntraParties } from './entraErrors.ts';
import { createEntraWitness } from './entraWitness.ts';
import type { Exchange } from './tokenSource.ts';

export interface WorkloadExchangeDeps {
  readonly assertions: AssertionSource;
  readonly httpClient: HttpClient;
  /** Gives tokens by AKS identity bindings, in place of Microsoft Entra ID. */
  readonly tokenProxy?: HttpClient | undefined;
}

/**
 * Exchanges the token of a ServiceAccount for one of Microsoft Entra ID.
 * https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation
 */
export function createWorkloadExchange(deps: WorkloadExchangeDeps): Exchange<FederatedIdentity> {
  return async (request) => exchange(deps, request);
}

type Request = TokenRequest<FederatedIdentity>;

async function exchange(deps: WorkloadExchangeDeps, request: Request): Promise<AccessToken> {
  try {
    return await exchangeOnce(deps, request);
  } catch (thrown) {
    if (!mayBeOld(request, thrown)) throw thrown;
    return exchangeOnce(deps, request);
  }
}

/** By time, or because its key is not published any more. */
const deaths: readonly ErrorReason[] = ['AssertionOutOfTime', 'IssuerKeyUnknown'];

/** A token that we keep may die before the time that the API server told; the controller's own is read each time. */
function mayBeOld({ identity }: Request, thrown: unknown): boolean {
  return (
    identity.kind === 'workloadIdentity' &&
    thrown instanceof ReconcileError &&
    deaths.includes(thrown.reason)
  );
}

async function exchangeOnce(deps: WorkloadExchangeDeps, request: Request): Promise<AccessToken> {
  const { identity, scope, refused } = request;
  const assertion = await deps.assertions.acquire(identity);
  const witness = createEntraWitness(deps.tokenProxy ?? deps.httpClient);
  try {
    const credential = createCredential(request, assertion, witness.httpClient);
    const claims = refused?.claims;
    const token = await credential.getToken(scope, claims === undefined ? {} : { claims });
    return { token: redact(token.token), expiresAt: token.expiresOnTimestamp };
  } catch {
    const error = refusalOf(deps, witness.last(), partiesOf(request, assertion));
    // It may lie in the assertion: the cluster's keys were changed, or our clock is wrong.
    if ('aadsts' in error.details) deps.assertions.forget(identity);
    throw error;
  }
}

/** The proxy of AKS judges who may act as whom, in answers of its own. */
function refusalOf(
  { tokenProxy }: WorkloadExchangeDeps,
  exchange: EntraExchange,
  parties: EntraParties,
): ReconcileError {
  const { status = 0, aadsts } = exchange;
  return tokenProxy !== undefined && aadsts === undefined && [401, 403].includes(status)
    ? new ReconcileError('IdentityBindingMissing', { details: { ...parties, status } })
    : entraError(exchange, parties);
}

/**
 * A new one for each exchange: @azure/identity keeps tokens in each instance,
 * and a second cache would outlive our decisions.
 */
function createCredential(
  { identity: { tenantId, clientId, cloud } }: Request,
  assertion: Assertion,
  httpClient: HttpClient,
): ClientAssertionCredential {
  return new ClientAssertionCredential(tenantId, clientId, async () => reveal(assertion.token), {
    authorityHost: cloud.authorityHost,
    disableInstanceDiscovery: true,
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });
}

/** The subject is `system:serviceaccount:NAMESPACE:NAME`, of the controller's own where its identity is lent. */
function partiesOf(
  { identity: { clientId, tenantId, cloud }, scope }: Request,
  { issuer, subject }: Assertion,
): EntraParties {
  const [, , namespace = '', serviceAccount = ''] = subject.split(':');
  const annotate = `kubectl annotate --overwrite serviceaccount ${serviceAccount} --namespace ${namespace}`;
  return {
    namespace,
    serviceAccount,
    clientId,
    tenantId,
    issuer,
    subject,
    authorityHost: cloud.authorityHost,
    scope,
    tenantCommand: `Correct spec.tenantId of the connection, --azure-tenant-id of the controller, or run: ${annotate} ${tenantIdAnnotation}=<tenant id>`,
    clientCommand: `Run: ${annotate} ${clientIdAnnotation}=<client id of the managed identity>`,
  };
}
