import type { HttpClient } from '@azure/core-rest-pipeline';
import type {
  KeyVaultSecret as AzureSecret,
  SecretClient,
  SecretProperties,
} from '@azure/keyvault-secrets';
import { isVaultOf } from '../api/cloud.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { vaultHostOf, type KeyVaultSecret } from '../core/source/keyVaultSecret.ts';
import { redact } from '../core/redacted.ts';
import type { SecretVersion, Validity } from '../core/source/validity.ts';
import { interned } from '../interned.ts';
import type { ReadRequest, SecretReader, TokenSource } from '../ports/azure.ts';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { withKnownChallenges } from './challenge.ts';
import { readDetails } from './errors.ts';
import { withMetrics } from './measure.ts';
import { openSession, type VaultSession } from './session.ts';
import type { Vaults } from './vaults.ts';

export interface SecretReaderDeps {
  readonly tokens: TokenSource;
  readonly httpClient: HttpClient;
  readonly vaults: Vaults;
  readonly clock: Clock;
  readonly metrics: KeyVaultMetrics;
}

export interface Deletion {
  /** Seconds since the Unix epoch. */
  readonly purgedAt?: number;
}

/** Every call and every page is one transaction at the vault. @throws ReconcileError of the Key Vault codes */
export interface PagedSecretReader {
  read(request: ReadRequest): Promise<KeyVaultSecret>;
  /** All versions of the object, sorted by id; a page may be empty. */
  versionPages(request: ReadRequest): AsyncIterable<readonly SecretVersion[]>;
  /** Of an object that is deleted and can be recovered: https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/get-deleted-secret */
  deletion(request: ReadRequest): Promise<Deletion>;
}

export type DeletionReader = SecretReader & Pick<PagedSecretReader, 'deletion'>;

/** It is shown and kept, so it must be no text. https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers */
const versionId = /^[0-9a-f]{32}$/;

export function createSecretReader(deps: SecretReaderDeps): PagedSecretReader {
  const { tokens, vaults } = deps;
  const httpClient = withKnownChallenges(withMetrics(deps.httpClient, deps), vaults);
  const open = (request: ReadRequest) => {
    const host = vaultHostOf(request.vaultUrl);
    // A token goes to vaults of its own cloud only.
    if (!isVaultOf(request.identity.cloud, host))
      throw new ReconcileError('VaultNotTrusted', { details: readDetails(request) });
    return openSession(request, { tokens, httpClient, vault: vaults.of(host) });
  };
  return {
    async read(request) {
      const { name, version } = request.ref;
      const options = { ...abortOptions(request), ...(version === undefined ? {} : { version }) };
      return ask(open(request), async (client) =>
        secretOf(name, await client.getSecret(name, options)),
      );
    },
    versionPages: (request) => versionPages(open(request), request),
    deletion: async (request) =>
      ask(open(request), async (client) => {
        const { properties } = await client.getDeletedSecret(
          request.ref.name,
          abortOptions(request),
        );
        const purgedAt = secondsOf(properties.scheduledPurgeDate);
        return purgedAt === undefined ? {} : { purgedAt };
      }),
  };
}

async function* versionPages(
  session: VaultSession,
  request: ReadRequest,
): AsyncIterable<readonly SecretVersion[]> {
  let isBegun = false;
  for (;;) {
    try {
      const versions = session
        .client()
        .listPropertiesOfSecretVersions(request.ref.name, abortOptions(request));
      for await (const page of versions.byPage()) {
        isBegun = true;
        yield page.map(versionOf);
      }
      return;
    } catch (thrown) {
      if (isBegun || !session.renew()) throw session.explain(thrown);
    }
  }
}

function abortOptions({ signal }: ReadRequest) {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** Once more with another token, where the first was refused. @throws ReconcileError */
async function ask<T>(
  session: VaultSession,
  send: (client: SecretClient) => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await send(session.client());
    } catch (thrown) {
      if (!session.renew()) throw session.explain(thrown);
    }
  }
}

function secretOf(name: string, { value, properties }: AzureSecret): KeyVaultSecret {
  const { version } = properties;
  if (value === undefined || version === undefined || !versionId.test(version))
    throw new TypeError('no value or no version');
  // The official client cuts it out of the object's id.
  return { name, version: interned(version), value: redact(value), ...validityOf(properties) };
}

function versionOf(properties: SecretProperties): SecretVersion {
  const { version, enabled, createdOn } = properties;
  if (version === undefined) throw new TypeError('no version');
  return {
    version,
    enabled: enabled !== false,
    created: secondsOf(createdOn) ?? 0,
    ...validityOf(properties),
  };
}

function validityOf({ notBefore, expiresOn }: SecretProperties): Validity {
  const [start, end] = [secondsOf(notBefore), secondsOf(expiresOn)];
  return {
    ...(start === undefined ? {} : { notBefore: start }),
    ...(end === undefined ? {} : { expiresOn: end }),
  };
}

/** The official client hands on a 0 as it is, and makes no date of a number that no calendar has: such a time never comes. */
function secondsOf(date: Date | undefined): number | undefined {
  if (date === undefined) return undefined;
  const milliseconds = Number(date);
  return Number.isNaN(milliseconds) ? Number.MAX_SAFE_INTEGER : Math.floor(milliseconds / 1000);
}
