import { toReconcileError, type Result } from '../core/errors/errors.ts';
import type { Fetched } from '../core/plan/fetched.ts';
import type { Access } from '../core/access/access.ts';
import { isToken, sourceKey, type SourceRef, type SourceValue } from '../core/source/sourceRef.ts';
import type { Observed } from '../core/observed/observed.ts';
import { versionInUse, type InUse } from '../core/secret/syncRecord.ts';
import type { Selection } from '../core/select/select.ts';
import { laneOf } from '../core/source/lane.ts';
import type { SecretReader, TokenReader } from '../ports/azure.ts';
import type { ReconcileContext } from '../ports/controller.ts';
import type { Lanes } from '../ports/lanes.ts';
import { readUsable } from './usableVersion.ts';

export interface SourceDeps {
  readonly reader: SecretReader;
  readonly tokenReader: TokenReader;
}

export interface FetchDeps extends SourceDeps {
  readonly lanes: Lanes;
}

export interface FetchContext extends Pick<ReconcileContext, 'signal' | 'priority' | 'offWorker'> {
  readonly requestKey: string;
}

type ReadObserved = Pick<Observed, 'now'> & InUse;

/**
 * Reads and obtains what was selected, without holding a worker. A failure is a result, so that the plan decides what
 * it means. Undefined: it is not the turn of this key; the lane of the host adds it to the workqueue when it is.
 */
export async function fetchSelected(
  deps: FetchDeps,
  observed: ReadObserved,
  { access, refs }: Pick<Selection, 'access' | 'refs'>,
  { requestKey, signal, priority, offWorker }: FetchContext,
): Promise<Fetched | undefined> {
  if (!access.ok || refs.length === 0) return new Map();
  const lane = laneOf(access.value, refs);
  if (!deps.lanes.enter({ requestKey, priority, ...lane })) return undefined;
  return await offWorker(fetchAll(deps, { ...observed, signal }, access.value, refs));
}

/** Without a turn in any lane. */
export async function fetchAll(
  deps: SourceDeps,
  observed: ReadObserved & SignalOption,
  access: Access,
  refs: readonly SourceRef[],
): Promise<Fetched> {
  const fetchOne = async (ref: SourceRef): Promise<readonly [string, Result<SourceValue>]> => {
    try {
      return [sourceKey(ref), { ok: true, value: await fetchSource(deps, access, ref, observed) }];
    } catch (thrown) {
      return [sourceKey(ref), { ok: false, error: toReconcileError(thrown) }];
    }
  };
  return new Map(await Promise.all(refs.map(fetchOne)));
}

interface SignalOption {
  readonly signal?: AbortSignal;
}

/** @throws ReconcileError */
export async function fetchSource(
  { reader, tokenReader }: SourceDeps,
  { vaultUrl, identity }: Access,
  ref: SourceRef,
  { signal, ...observed }: ReadObserved & SignalOption,
): Promise<SourceValue> {
  if (isToken(ref)) return tokenReader.obtain({ identity, ref });
  const inUse = versionInUse(observed, ref);
  return readUsable(reader, { vaultUrl, identity, ref, signal }, observed.now, inUse);
}
