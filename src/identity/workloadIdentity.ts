import { ClientAssertionCredential } from '@azure/identity';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { identityKey } from '../core/identity.ts';
import { redact, reveal } from '../core/redacted.ts';
import type { AccessToken, TokenRequest, TokenSource } from '../ports/azure.ts';
import type { TokenMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import type { Assertion, AssertionSource } from './assertions.ts';
import { entraError, readAadsts, type EntraExchange } from './entraErrors.ts';
import { createExpiringCache } from './expiringCache.ts';

export interface WorkloadTokenSourceDeps {
  readonly assertions: AssertionSource;
  readonly httpClient: HttpClient;
  /** For example https://login.microsoftonline.com */
  readonly authorityHost: string;
  readonly clock: Clock;
  readonly metrics: TokenMetrics;
}

/**
 * Exchanges the token of a ServiceAccount for one of Microsoft Entra ID.
 * https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation
 * Guarantees: a token is kept under everything that decides whom it speaks for; one exchange a key at a time.
 */
export function createWorkloadTokenSource(deps: WorkloadTokenSourceDeps): TokenSource {
  const cache = createExpiringCache<AccessToken>(deps.clock);
  return {
    async acquire(request) {
      const { identity, scope } = request;
      const key = [identityKey(identity), deps.authorityHost, scope].join('|');
      const load = async (): Promise<AccessToken> => exchange(deps, request);
      return request.claims === undefined ? cache.get(key, load) : cache.renew(key, load);
    },
  };
}

/**
 * A credential of its own for each exchange: @azure/identity keeps tokens in each instance,
 * and a second cache would outlive our decisions.
 */
async function exchange(
  deps: WorkloadTokenSourceDeps,
  request: TokenRequest,
): Promise<AccessToken> {
  const { identity, scope, claims } = request;
  const assertion = await deps.assertions.acquire(identity);
  const witness = createWitness(deps.httpClient);
  const credential = new ClientAssertionCredential(
    identity.tenantId,
    identity.clientId,
    async () => reveal(assertion.token),
    {
      authorityHost: deps.authorityHost,
      disableInstanceDiscovery: true,
      httpClient: witness.httpClient,
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
    },
  );
  try {
    const token = await credential.getToken(scope, claims === undefined ? {} : { claims });
    deps.metrics.requested(identity.kind, 'success');
    return { token: redact(token.token), expiresAt: token.expiresOnTimestamp };
  } catch (cause) {
    deps.metrics.requested(identity.kind, 'error');
    throw entraError(
      witness.last(),
      {
        ...identityDetails(request),
        ...federationDetails(assertion),
        authorityHost: deps.authorityHost,
      },
      cause,
    );
  }
}

/** @azure/identity hides which answer made it fail, so the answers are looked at on their way. */
function createWitness(httpClient: HttpClient): {
  httpClient: HttpClient;
  last: () => EntraExchange | undefined;
} {
  let last: EntraExchange | undefined;
  return {
    last: () => last,
    httpClient: {
      async sendRequest(request) {
        try {
          const response = await httpClient.sendRequest(request);
          const aadsts = readAadsts(response.bodyAsText);
          last = { status: response.status, ...(aadsts === undefined ? {} : { aadsts }) };
          return response;
        } catch (thrown) {
          last = { cause: thrown instanceof Error ? thrown.message : 'no answer' };
          throw thrown;
        }
      },
    },
  };
}

function identityDetails({ identity }: TokenRequest) {
  const { namespace, serviceAccountName, clientId, tenantId } = identity;
  return { namespace, serviceAccount: serviceAccountName, clientId, tenantId };
}

function federationDetails({ issuer, subject }: Assertion) {
  return { issuer, subject };
}
