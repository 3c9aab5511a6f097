import type { HttpClient } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { customCloud } from '../api/cloud.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { vaultHostOf } from '../core/source/keyVaultSecret.ts';
import type { ReadRequest, TokenSource } from '../ports/azure.ts';
import { checkChallenge } from './challenge.ts';
import { VaultCredential } from './credential.ts';
import { keyVaultError, readDetails } from './errors.ts';
import { ChallengeError, createVaultWitness } from './exchange.ts';
import type { Vault } from './vault.ts';

/** One read or listing, from the first request to its end. */
export interface VaultSession {
  /** The official client, whose own retries are off. */
  client(): SecretClient;
  /** True, and only once, when the vault refused the token: the next client comes with another. */
  renew(): boolean;
  explain(thrown: unknown): ReconcileError;
}

export interface SessionDeps {
  readonly tokens: TokenSource;
  readonly httpClient: HttpClient;
  readonly vault: Vault;
}

/**
 * Each session makes its own client, which costs 0.06 ms: kept ones would hold 12 KB each,
 * and tokens beyond our token cache.
 */
export function openSession(request: ReadRequest, deps: SessionDeps): VaultSession {
  const { tokens, httpClient, vault } = deps;
  const credential = new VaultCredential(tokens, request);
  const witness = createVaultWitness(withinVault(httpClient, request));
  const { cloud } = request.identity;
  let isRenewed = false;
  return {
    client: () =>
      new SecretClient(`https://${vault.host}`, credential, {
        httpClient: witness.httpClient,
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        // The credential compares the resource itself; a cloud that an administrator described may name another domain.
        disableChallengeResourceVerification: cloud.name === customCloud,
        userAgentOptions: { userAgentPrefix: 'vaultsecret' },
        ...(cloud.apiVersion === undefined ? {} : { serviceVersion: cloud.apiVersion }),
      }),
    renew() {
      if (isRenewed || witness.last().status !== 401) return false;
      isRenewed = credential.refuse();
      // A vault that moved to another tenant refuses tokens of the former one.
      vault.challenge = undefined;
      return isRenewed;
    },
    explain(thrown) {
      const { status } = witness.last();
      // The cached challenge may be stale: the next request asks the vault again.
      const isAnswered = status !== undefined && status !== 401;
      if (!isAnswered || thrown instanceof ChallengeError) vault.challenge = undefined;
      return keyVaultError(thrown, credential.asked(), witness.last());
    },
  };
}

/** The official client follows the link to a next page wherever it leads, token in hand. */
function withinVault(httpClient: HttpClient, request: ReadRequest): HttpClient {
  const origin = `https://${vaultHostOf(request.vaultUrl)}`;
  return {
    async sendRequest(sent) {
      if (new URL(sent.url).origin !== origin)
        throw new ReconcileError('VaultNotTrusted', { details: readDetails(request) });
      const response = await httpClient.sendRequest(sent);
      checkChallenge({ ...response, request: sent }, request.identity.cloud);
      return response;
    },
  };
}
