import type { HttpClient } from '@azure/core-rest-pipeline';
import { SecretClient, type KeyVaultSecret as AzureSecret } from '@azure/keyvault-secrets';
import { ReconcileError } from '../core/errors.ts';
import { vaultHostOf, type KeyVaultSecret } from '../core/keyVaultSecret.ts';
import { redact } from '../core/redacted.ts';
import type { ReadRequest, SecretReader, TokenSource } from '../ports/azure.ts';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { withKnownChallenges } from './challenge.ts';
import { VaultCredential } from './credential.ts';
import { keyVaultError, readDetails } from './errors.ts';
import { createVaultWitness, type VaultWitness } from './exchange.ts';
import { withMetrics } from './measure.ts';

export interface SecretReaderDeps {
  readonly tokens: TokenSource;
  readonly httpClient: HttpClient;
  readonly clock: Clock;
  readonly metrics: KeyVaultMetrics;
}

/** A token for Key Vault goes to these hosts only. https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-base-url */
const vaultHost = /^[a-z0-9-]{3,24}[.]vault[.](azure[.]net|azure[.]cn|usgovcloudapi[.]net)$/;

/**
 * Reads through the official client, whose own retries are off. Each read makes its own, which costs
 * 0.06 ms: kept ones would hold 12 KB each, and tokens beyond our token cache.
 */
export function createSecretReader(deps: SecretReaderDeps): SecretReader {
  const { tokens, clock, metrics } = deps;
  const httpClient = withKnownChallenges(withMetrics(deps.httpClient, metrics, clock), clock);
  return {
    async read(request) {
      if (!vaultHost.test(vaultHostOf(request.vaultUrl)))
        throw new ReconcileError('VaultNotTrusted', { details: readDetails(request) });
      const credential = new VaultCredential(tokens, request);
      const witness = createVaultWitness(httpClient);
      try {
        return await readOnce(request, credential, witness);
      } catch (thrown) {
        // The token may have been taken back: one more try with a new one.
        if (witness.last().status === 401 && credential.refuse())
          return await readOnce(request, credential, witness);
        throw thrown;
      }
    },
  };
}

/** @throws ReconcileError */
async function readOnce(
  request: ReadRequest,
  credential: VaultCredential,
  witness: VaultWitness,
): Promise<KeyVaultSecret> {
  const { ref, vaultUrl } = request;
  const client = new SecretClient(`https://${vaultHostOf(vaultUrl)}`, credential, {
    httpClient: witness.httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'vaultsecret' },
  });
  try {
    const options = ref.version === undefined ? {} : { version: ref.version };
    return secretOf(ref.name, await client.getSecret(ref.name, options));
  } catch (thrown) {
    throw keyVaultError(thrown, request, witness.last());
  }
}

function secretOf(name: string, { value, properties }: AzureSecret): KeyVaultSecret {
  const { version, expiresOn } = properties;
  if (value === undefined || version === undefined) throw new TypeError('no value or no version');
  return {
    name,
    version,
    value: redact(value),
    ...(expiresOn === undefined ? {} : { expiresOn: Math.floor(expiresOn.getTime() / 1000) }),
  };
}
