import { toReconcileError, type Result } from '../core/errors/errors.ts';
import type { Fetched } from '../core/select/fetched.ts';
import type { Access } from '../core/access/access.ts';
import { isToken, sourceKey, type SourceRef, type SourceValue } from '../core/source/sourceRef.ts';
import type { Observed } from '../core/observed/observed.ts';
import { versionInUse } from '../core/secret/syncRecord.ts';
import type { Selection } from '../core/select/select.ts';
import type { SecretReader, TokenReader } from '../ports/azure.ts';
import { readUsable } from './usableVersion.ts';

export interface FetchDeps {
  readonly reader: SecretReader;
  readonly tokenReader: TokenReader;
}

/** Reads and obtains what was selected. A failure is a result, so that the plan decides what it means. */
export async function fetchSelected(
  deps: FetchDeps,
  observed: Pick<Observed, 'now' | 'target' | 'vaultSecret'>,
  { access, refs }: Pick<Selection, 'access' | 'refs'>,
): Promise<Fetched> {
  if (!access.ok) return new Map();
  const fetchOne = async (ref: SourceRef): Promise<readonly [string, Result<SourceValue>]> => {
    try {
      return [
        sourceKey(ref),
        { ok: true, value: await fetchSource(deps, access.value, ref, observed) },
      ];
    } catch (thrown) {
      return [sourceKey(ref), { ok: false, error: toReconcileError(thrown) }];
    }
  };
  return new Map(await Promise.all(refs.map(fetchOne)));
}

/** @throws ReconcileError */
export async function fetchSource(
  { reader, tokenReader }: FetchDeps,
  { vaultUrl, identity }: Access,
  ref: SourceRef,
  observed: Pick<Observed, 'now' | 'target' | 'vaultSecret'>,
): Promise<SourceValue> {
  if (isToken(ref)) return tokenReader.obtain({ identity, ref });
  const inUse = versionInUse(observed, ref);
  return readUsable(reader, { vaultUrl, identity, ref }, observed.now, inUse);
}
