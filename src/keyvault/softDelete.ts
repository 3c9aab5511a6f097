import { ReconcileError } from '../core/errors/errors.ts';
import { isNotFound } from '../core/errors/keyVaultErrors.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { ReadRequest, SecretReader } from '../ports/azure.ts';
import type { DeletionReader } from './client.ts';
import { readDetails } from './errors.ts';

/**
 * Key Vault answers alike for an object that never existed and one that is deleted and can be recovered, which takes
 * another command to repair: it is asked once more. That takes the right to read; without it the first answer stands.
 */
export function withSoftDeleteCheck(reader: DeletionReader): SecretReader {
  return {
    listVersions: (request) => reader.listVersions(request),
    async read(request) {
      try {
        return await reader.read(request);
      } catch (thrown) {
        const isMissing = thrown instanceof ReconcileError && isNotFound(thrown.reason);
        throw isMissing ? ((await deletedError(reader, request)) ?? thrown) : thrown;
      }
    },
  };
}

async function deletedError(
  reader: DeletionReader,
  request: ReadRequest,
): Promise<ReconcileError | undefined> {
  try {
    const { purgedAt } = await reader.deletion(request);
    return deletedUntil(request, purgedAt === undefined ? undefined : rfc3339(purgedAt));
  } catch (thrown) {
    // This is all that Key Vault says of a deleted secret that is disabled: seen in recordings.
    const isDisabled =
      thrown instanceof ReconcileError && thrown.reason === 'KeyVaultSecretDisabled';
    return isDisabled ? deletedUntil(request, undefined) : undefined;
  }
}

function deletedUntil(request: ReadRequest, purgeDate = 'it is purged'): ReconcileError {
  const details = { ...readDetails(request), purgeDate };
  return new ReconcileError('KeyVaultSecretDeleted', { details });
}
