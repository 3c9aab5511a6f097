import { customCloud } from '../api/cloud.ts';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import type { ErrorReason } from '../core/errors/errorCatalogue.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { vaultHostOf } from '../core/source/keyVaultSecret.ts';
import type { ReadRequest, TokenSource } from '../ports/azure.ts';
import { namesAuthority, type KnownChallenges } from './challenge.ts';
import { VaultCredential } from './credential.ts';
import { keyVaultError, readDetails } from './errors.ts';
import { createVaultWitness } from './exchange.ts';

/** What a vault demands may be mended, as nobody would see who asked no more. */
const challengeErrors: readonly ErrorReason[] = ['VaultNotTrusted', 'VaultInOtherTenant'];

/** One read or listing, from the first request to its end. */
export interface VaultSession {
  /** The official client, whose own retries are off. */
  client(): SecretClient;
  /** True, and only once, when the vault refused the token: the next client comes with another. */
  renew(): boolean;
  explain(thrown: unknown): ReconcileError;
}

/**
 * Each session makes its own client, which costs 0.06 ms: kept ones would hold 12 KB each,
 * and tokens beyond our token cache.
 */
export function openSession(
  request: ReadRequest,
  tokens: TokenSource,
  httpClient: KnownChallenges,
): VaultSession {
  const credential = new VaultCredential(tokens, request);
  const witness = createVaultWitness(withinVault(httpClient, request));
  const { cloud } = request.identity;
  let isRenewed = false;
  return {
    client: () =>
      new SecretClient(`https://${vaultHostOf(request.vaultUrl)}`, credential, {
        httpClient: witness.httpClient,
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        // The credential compares the resource itself; a cloud that an administrator described may name another domain.
        disableChallengeResourceVerification: cloud.name === customCloud,
        userAgentOptions: { userAgentPrefix: 'vaultsecret' },
      }),
    renew() {
      if (isRenewed || witness.last().status !== 401) return false;
      isRenewed = credential.refuse();
      return isRenewed;
    },
    explain(thrown) {
      const error = keyVaultError(thrown, credential.asked(), witness.last());
      if (challengeErrors.includes(error.reason)) httpClient.forget(vaultHostOf(request.vaultUrl));
      return error;
    },
  };
}

/**
 * The official client follows the link to a next page wherever it leads, token in hand, and does not look at the
 * authority that a challenge names: it must be the one of the cloud.
 */
function withinVault(httpClient: HttpClient, request: ReadRequest): HttpClient {
  const origin = `https://${vaultHostOf(request.vaultUrl)}`;
  const { authorityNames: names } = request.identity.cloud;
  return {
    async sendRequest(sent) {
      if (new URL(sent.url).origin !== origin)
        throw new ReconcileError('VaultNotTrusted', { details: readDetails(request) });
      const response = await httpClient.sendRequest(sent);
      const challenge = response.headers.get('www-authenticate');
      if (response.status === 401 && challenge !== undefined && !namesAuthority(challenge, names))
        throw new Error('The challenge names no authority of Microsoft Entra ID');
      return response;
    },
  };
}
