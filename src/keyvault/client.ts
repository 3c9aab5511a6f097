import { SecretClient } from '@azure/keyvault-secrets';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ReconcileError } from '../core/errors.ts';
import { identityKey } from '../core/identity.ts';
import { vaultHostOf, type KeyVaultSecret } from '../core/keyVaultSecret.ts';
import { redact, reveal } from '../core/redacted.ts';
import type { ReadRequest, SecretReader, TokenSource } from '../ports/azure.ts';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { keyVaultError, readDetails } from './errors.ts';

export interface SecretReaderDeps {
  readonly tokens: TokenSource;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
  readonly metrics: KeyVaultMetrics;
}

/** A token for Key Vault goes to these hosts only. https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-base-url */
const vaultHost = /^[a-z0-9-]{3,24}[.]vault[.](azure[.]net|azure[.]cn|usgovcloudapi[.]net)$/;

/** Clients beyond this are dropped, the longest unused first; a new one costs one unauthenticated request. */
const maxClients = 1_000;

interface VaultClient {
  readonly client: SecretClient;
  /** The first request of a client is challenged (401); a burst would be challenged as a whole. */
  challenged: Promise<unknown> | undefined;
}

/** Reads through the official client, one for each vault and identity, whose own retries are off. */
export function createSecretReader(deps: SecretReaderDeps): SecretReader {
  const clients = new Map<string, VaultClient>();

  const clientOf = (request: ReadRequest): VaultClient => {
    const host = vaultHostOf(request.vaultUrl);
    if (!vaultHost.test(host))
      throw new ReconcileError('VaultNotTrusted', { details: readDetails(request) });
    const key = `${host}|${identityKey(request.identity)}`;
    const found = clients.get(key) ?? createClient(deps, request, host);
    clients.delete(key);
    clients.set(key, found);
    const [oldest] = clients.keys();
    if (clients.size > maxClients && oldest !== undefined) clients.delete(oldest);
    return found;
  };

  return {
    async read(request) {
      const startedAt = deps.clock.now();
      const finish = (code: string): void => {
        deps.metrics.requested(
          vaultHostOf(request.vaultUrl),
          'get',
          code,
          (deps.clock.now() - startedAt) / 1000,
        );
      };
      try {
        const secret = await readOnce(clientOf(request), request);
        finish('200');
        return secret;
      } catch (thrown) {
        const error = keyVaultError(thrown, request);
        finish(String(error.details['status'] ?? error.reason));
        throw error;
      }
    },
  };
}

async function readOnce(vault: VaultClient, request: ReadRequest): Promise<KeyVaultSecret> {
  const { ref } = request;
  const read = async () =>
    vault.client.getSecret(ref.name, ref.version === undefined ? {} : { version: ref.version });
  await vault.challenged?.catch(() => undefined);
  const answer = read();
  if (vault.challenged === undefined) {
    vault.challenged = answer;
    answer.catch(() => (vault.challenged = undefined));
  }
  const { value, properties } = await answer;
  if (value === undefined || properties.version === undefined) {
    throw new ReconcileError('KeyVaultRefused', {
      details: { ...readDetails(request), status: 200, innerCode: 'no value' },
    });
  }
  const expiresOn =
    properties.expiresOn === undefined
      ? {}
      : { expiresOn: Math.floor(properties.expiresOn.getTime() / 1000) };
  return { name: ref.name, version: properties.version, value: redact(value), ...expiresOn };
}

function createClient(
  { tokens, httpClient }: SecretReaderDeps,
  request: ReadRequest,
  host: string,
): VaultClient {
  const { identity } = request;
  const credential = {
    async getToken(
      scopes: string | string[],
      options: { tenantId?: string; claims?: string } = {},
    ) {
      // The tenant that the vault's challenge names.
      if (options.tenantId !== undefined && options.tenantId !== identity.tenantId)
        throw new ReconcileError('VaultInOtherTenant', { details: readDetails(request) });
      const scope = typeof scopes === 'string' ? scopes : scopes.join(' ');
      const { token, expiresAt } = await tokens.acquire({
        identity,
        scope,
        claims: options.claims,
      });
      return { token: reveal(token), expiresOnTimestamp: expiresAt };
    },
  };
  const client = new SecretClient(`https://${host}`, credential, {
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'vaultsecret' },
  });
  return { client, challenged: undefined };
}
