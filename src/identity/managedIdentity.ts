import { AsyncLocalStorage } from 'node:async_hooks';
import { ManagedIdentityCredential } from '@azure/identity';
import { RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { ReconcileError } from '../core/errors/errors.ts';
import type { AssignedIdentity, LentManagedIdentity } from '../core/observed/identity.ts';
import { redact, reveal, type Redacted } from '../core/redacted.ts';
import type { TokenRequest } from '../ports/azure.ts';
import { metadataDetails, metadataError, type MetadataService } from './managedIdentityErrors.ts';
import { claimsOf, contradictedClaim } from './managedIdentityClaims.ts';
import { createMetadataWitness } from './metadataWitness.ts';
import type { Exchange } from './tokenSource.ts';

export interface ManagedIdentityExchangeDeps extends MetadataService {
  /** Reaches the metadata service of the host only. */
  readonly httpClient: HttpClient;
}

/**
 * Asks the metadata service of the host for a token of one of its managed identities.
 * https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * Guarantees: one request, without retries; a token of another identity, or for another resource, is thrown away, and so
 * is one that cannot be read.
 */
export function createManagedIdentityExchange(
  deps: ManagedIdentityExchangeDeps,
): Exchange<LentManagedIdentity> {
  return async (request) => {
    const token = await askHost(deps, request);
    const details = metadataDetails(request.identity, deps);
    const claims = claimsOf(reveal(token));
    if (claims === undefined) {
      const { scope } = request;
      throw new ReconcileError('ManagedIdentityTokenUnreadable', {
        details: { ...details, scope },
      });
    }
    const claim = contradictedClaim(claims, request);
    if (claim !== undefined)
      throw new ReconcileError('ManagedIdentityMismatch', { details: { ...details, claim } });
    return { token, expiresAt: claims.exp * 1000, clientId: claims.clientId };
  };
}

async function askHost(
  deps: ManagedIdentityExchangeDeps,
  { identity, scope }: TokenRequest<LentManagedIdentity>,
): Promise<Redacted<string>> {
  const witness = createMetadataWitness(deps.httpClient);
  try {
    const credential = createCredential(identity.assigned);
    const answer = await asking.run(witness, async () => credential.getToken(scope));
    return redact(answer.token);
  } catch {
    throw metadataError(witness.last(), identity, deps);
  }
}

/**
 * @azure/msal-node 7 asks on behalf of all credentials of a process through the HTTP client of the first one, so all
 * are given this one, which knows in whose name it is asked.
 */
const asking = new AsyncLocalStorage<HttpClient>();
const httpClient: HttpClient = {
  async sendRequest(request) {
    const client = asking.getStore();
    if (client === undefined) throw new RestError('NOT_ASKED', { code: 'NOT_ASKED' });
    return client.sendRequest(request);
  },
};

function createCredential(assigned: AssignedIdentity): ManagedIdentityCredential {
  const options = { httpClient, retryOptions: { maxRetries: 0 } };
  switch (assigned.by) {
    case 'system':
      return new ManagedIdentityCredential(options);
    case 'clientId':
      return new ManagedIdentityCredential({ ...options, clientId: assigned.id });
    case 'objectId':
      return new ManagedIdentityCredential({ ...options, objectId: assigned.id });
    case 'resourceId':
      return new ManagedIdentityCredential({ ...options, resourceId: assigned.id });
  }
}
