import { ClientAssertionCredential } from '@azure/identity';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ReconcileError } from '../core/errors/errors.ts';
import { identityKey } from '../core/observed/identity.ts';
import { redact, reveal } from '../core/redacted.ts';
import type { AccessToken, TokenRequest, TokenSource } from '../ports/azure.ts';
import type { TokenMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import type { Assertion, AssertionSource } from './assertions.ts';
import { entraError, noAnswerError, type EntraParties } from './entraErrors.ts';
import { createEntraWitness } from './entraWitness.ts';
import { createExpiringCache } from './expiringCache.ts';

export interface WorkloadTokenSourceDeps {
  readonly assertions: AssertionSource;
  readonly httpClient: HttpClient;
  /** For example https://login.microsoftonline.com */
  readonly authorityHost: string;
  readonly clock: Clock;
  readonly metrics: TokenMetrics;
}

/** All that read with one identity fail together, and Entra answers a loop of equal requests with AADSTS50196. */
const failureHoldMs = 5_000;
const longestHoldMs = 60_000;

/**
 * Exchanges the token of a ServiceAccount for one of Microsoft Entra ID.
 * https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation
 * Guarantees: a token is kept under everything that decides whom it speaks for; one exchange a key at a time.
 */
export function createWorkloadTokenSource(deps: WorkloadTokenSourceDeps): TokenSource {
  const { authorityHost } = deps;
  const tooSlow = (): Error => noAnswerError('NOT_ANSWERING', { authorityHost });
  const cache = createExpiringCache<AccessToken>(deps.clock, { holdMsOf, tooSlow });
  return {
    async acquire(request) {
      const key = [identityKey(request.identity), authorityHost, request.scope].join('|');
      const load = async (): Promise<AccessToken> => exchange(deps, request);
      return cache.get(key, load, request.refused?.token);
    },
  };
}

function holdMsOf(error: unknown): number {
  const asked = error instanceof ReconcileError ? error.retryAfterMs : undefined;
  return Math.min(Math.max(asked ?? 0, failureHoldMs), longestHoldMs);
}

async function exchange(
  deps: WorkloadTokenSourceDeps,
  request: TokenRequest,
): Promise<AccessToken> {
  const { identity, scope, refused } = request;
  const assertion = await deps.assertions.acquire(identity);
  const witness = createEntraWitness(deps.httpClient);
  try {
    const credential = createCredential(deps, request, assertion, witness.httpClient);
    const claims = refused?.claims;
    const token = await credential.getToken(scope, claims === undefined ? {} : { claims });
    deps.metrics.requested(identity.kind, 'success');
    deps.metrics.obtained(identity.kind, token.expiresOnTimestamp);
    return { token: redact(token.token), expiresAt: token.expiresOnTimestamp };
  } catch {
    deps.metrics.requested(identity.kind, 'error');
    const error = entraError(witness.last(), partiesOf(deps, request, assertion));
    // It may lie in the assertion: the cluster's keys were changed, or our clock is wrong.
    if ('aadsts' in error.details) deps.assertions.forget(identity);
    throw error;
  }
}

/**
 * A new one for each exchange: @azure/identity keeps tokens in each instance,
 * and a second cache would outlive our decisions.
 */
function createCredential(
  { authorityHost }: WorkloadTokenSourceDeps,
  { identity: { tenantId, clientId } }: TokenRequest,
  assertion: Assertion,
  httpClient: HttpClient,
): ClientAssertionCredential {
  return new ClientAssertionCredential(tenantId, clientId, async () => reveal(assertion.token), {
    authorityHost,
    disableInstanceDiscovery: true,
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });
}

/** The subject is `system:serviceaccount:NAMESPACE:NAME`, of the controller's own where its identity is lent. */
function partiesOf(
  { authorityHost }: WorkloadTokenSourceDeps,
  { identity: { clientId, tenantId } }: TokenRequest,
  { issuer, subject }: Assertion,
): EntraParties {
  const [, , namespace = '', serviceAccount = ''] = subject.split(':');
  return { namespace, serviceAccount, clientId, tenantId, issuer, subject, authorityHost };
}
