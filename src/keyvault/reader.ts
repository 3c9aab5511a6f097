import { identityKey } from '../core/observed/identity.ts';
import { refKey, vaultHostOf } from '../core/source/keyVaultSecret.ts';
import type { SecretVersion } from '../core/source/validity.ts';
import type { ReadRequest, SecretReader } from '../ports/azure.ts';
import {
  createSecretReader,
  type DeletionReader,
  type PagedSecretReader,
  type SecretReaderDeps,
} from './client.ts';
import { withSoftDeleteCheck } from './softDelete.ts';
import type { Vault } from './vault.ts';
import type { Vaults } from './vaults.ts';

/**
 * The way from a read to the network, outside first: the question whether a missing object is deleted, equal reads that
 * become one, the budget of the vault, the official client, its challenge, metrics, the shared HTTP client.
 */
export function createVaultReader(deps: SecretReaderDeps): SecretReader {
  return withSoftDeleteCheck(throughVaults(createSecretReader(deps), deps.vaults));
}

/** Each request, each page of a listing too, has its turn in the budget of its vault; equal reads of one identity share one. */
export function throughVaults(reader: PagedSecretReader, vaults: Vaults): DeletionReader {
  const vaultOf = ({ vaultUrl }: ReadRequest): Vault => vaults.of(vaultHostOf(vaultUrl));
  return {
    async read(request) {
      const vault = vaultOf(request);
      const key = `${identityKey(request.identity)}|${refKey(request.ref)}`;
      return vault.reads.run(key, async () => vault.run(request, async () => reader.read(request)));
    },
    deletion: async (request) =>
      vaultOf(request).run(request, async () => reader.deletion(request)),
    async listVersions(request) {
      const pages = reader.versionPages(request)[Symbol.asyncIterator]();
      const versions: SecretVersion[] = [];
      for (;;) {
        // An iterator that failed has no next page, so a page is never asked for again.
        const page = await vaultOf(request).once(request, async () => pages.next());
        if (page.done === true) return versions;
        versions.push(...page.value);
      }
    },
  };
}
