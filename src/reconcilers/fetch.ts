import { toReconcileError, type Result } from '../core/errors/errors.ts';
import type { Fetched } from '../core/select/fetched.ts';
import {
  refKey,
  type KeyVaultSecret,
  type KeyVaultSecretRef,
} from '../core/vaultObject/keyVaultSecret.ts';
import type { Observed } from '../core/observed/observed.ts';
import type { Selection } from '../core/select/select.ts';
import type { SecretReader } from '../ports/azure.ts';
import { readUsable } from './usableVersion.ts';

/** Reads what was selected. A failed read is a result, so that the plan decides what it means. */
export async function fetchSelected(
  reader: SecretReader,
  { now }: Observed,
  { access, refs }: Selection,
): Promise<Fetched> {
  if (!access.ok) return new Map();
  const { vaultUrl, identity } = access.value;
  const read = async (
    ref: KeyVaultSecretRef,
  ): Promise<readonly [string, Result<KeyVaultSecret>]> => {
    try {
      return [
        refKey(ref),
        {
          ok: true,
          value: await readUsable(reader, { vaultUrl, identity, ref }, now),
        },
      ];
    } catch (thrown) {
      return [refKey(ref), { ok: false, error: toReconcileError(thrown) }];
    }
  };
  return new Map(await Promise.all(refs.map(read)));
}
