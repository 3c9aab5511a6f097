import { ownProperty } from '../ownProperty.ts';
import { missingDataKeys } from '../../api/secretTypes.ts';
import { vaultUrlOf } from '../observed/connection.ts';
import type { ReconcileError } from '../errors/errors.ts';
import { goneBefore } from '../diagnose/gone.ts';
import type { Fetched } from './fetched.ts';
import { isNotFound } from '../errors/keyVaultErrors.ts';
import { refKey } from '../source/keyVaultSecret.ts';
import { goneError } from '../source/unusable.ts';
import { entryKey } from '../source/sourceRef.ts';
import type { Missing, Observed, SyncMemory, VaultSecret } from '../observed/observed.ts';
import { rfc3339 } from '../rfc3339.ts';
import { vaultRevision } from '../secret/revision.ts';
import type { SyncRecord } from '../secret/recordFormat.ts';
import { deletionPolicy, targetName, targetType } from '../observed/target.ts';

/**
 * How long Key Vault must say that it has no such object before that is believed. Straight after a recovery it says so
 * although the object is there: in the Azure SDKs' public test recordings (2019 to 2026) for up to 449 s, median 14 s.
 */
export const graceMs = 600_000;
/** The longest pause between two reads while the grace runs. */
const lookMs = 45_000;
/**
 * The most that two answers in a row count towards the grace: an outage, a pause of the process or a step of the clock
 * proves nothing. It takes at least eleven answers.
 */
const longestGapMs = 60_000;

/** What is read of objects that Key Vault does not have. */
export interface Absence {
  /** Objects that are gone: what was made of them leaves the Secret. By `sourceKey`. */
  readonly gone: readonly string[];
  /** The others; where one is missing that was there, the failure says what becomes of its data. */
  readonly fetched: Fetched;
}

/**
 * How long each missing object has been missing. An object that is there resets the time; another failure proves nothing.
 * A restart loses the times, which only lengthens the grace.
 */
export function missingNow({ memory, now }: Observed, fetched: Fetched): SyncMemory['missing'] {
  if (fetched.size === 0) return memory.missing;
  const entries = [...fetched].flatMap(([key, result]) => {
    const before = ownProperty(memory.missing, key);
    if (isMissing(fetched, key)) return [[key, againMissing(before, now)] as const];
    return result.ok || before === undefined ? [] : [[key, before] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function againMissing(before: Missing | undefined, now: number): Missing {
  if (before === undefined) return { forMs: 0, lastAt: now };
  const gapMs = Math.min(Math.max(now - before.lastAt, 0), longestGapMs);
  return { forMs: before.forMs + gapMs, lastAt: now };
}

/** The observed state, with the record as far as it is of this vault. */
interface OfThisVault extends Observed {
  readonly record: SyncRecord | undefined;
}

/**
 * `record` is that of the target; `memory.missing` of `seen` is as of now. An object that was never there is no more
 * than a wrong name.
 */
export function judgeAbsence(
  seen: Observed,
  record: SyncRecord | undefined,
  fetched: Fetched,
): Absence {
  const candidates = [...fetched.keys()].filter((key) => isMissing(fetched, key));
  if (candidates.length === 0) return { gone: [], fetched };
  const observed = { ...seen, record: recordOfThisVault(seen, record) };
  const missing = candidates.filter((key) => wasThere(observed, key));
  const ripe = missing.filter((key) => leavesAt(observed, key) <= observed.now);
  const gone = isOptional(observed.vaultSecret, ripe) ? ripe : [];
  const rest = [...fetched].flatMap(([key, result]) => {
    if (gone.includes(key)) return [];
    if (!missing.includes(key)) return [[key, result] as const];
    const error = missingError(observed, key, { missing, fetched });
    return [[key, { ok: false, error }] as const];
  });
  return { gone, fetched: new Map(rest) };
}

function isMissing(fetched: Fetched, key: string): boolean {
  const result = fetched.get(key);
  if (result === undefined || result.ok) return false;
  const { reason, details } = result.error;
  // Of an older version that was to stand in for the newest it says nothing about the object.
  return isNotFound(reason) && details['object'] === key;
}

function wasThere(observed: OfThisVault, key: string): boolean {
  const isKept = deletionPolicy(observed.vaultSecret.spec) === 'Retain';
  if (!isKept && hasLeft(observed, key)) return true;
  if (observed.target === undefined) return !isKept && wasShown(observed.vaultSecret, key);
  const sources = observed.record?.sources;
  return sources !== undefined && Object.hasOwn(sources, key);
}

/** The Secret is gone, perhaps by our own hand before a crash: what it held, only the status still says. */
function wasShown({ status: { sources = [] } }: VaultSecret, key: string): boolean {
  return sources.some(
    ({ name, version }) => key === refKey({ name }) || key === refKey({ name, version }),
  );
}

/** The Secret is without it already. */
function hasLeft({ record, vaultSecret }: OfThisVault, key: string): boolean {
  return record?.gone?.includes(key) === true || goneBefore(vaultSecret).includes(key);
}

/** What was in another vault is not known in this one. */
function recordOfThisVault(
  { vaultSecret, connection }: Observed,
  record: SyncRecord | undefined,
): SyncRecord | undefined {
  const vault = vaultRevision(vaultUrlOf(vaultSecret.spec, connection));
  return record?.vault === vault ? record : undefined;
}

/** Milliseconds since the Unix epoch. */
function leavesAt(observed: OfThisVault, key: string): number {
  if (deletionPolicy(observed.vaultSecret.spec) === 'Retain') return Infinity;
  if (hasLeft(observed, key)) return -Infinity;
  const { forMs = 0 } = ownProperty(observed.memory.missing, key) ?? {};
  return observed.now + graceMs - forMs;
}

/** There can be a Secret without these objects, or there need not be one. */
function isOptional({ spec }: VaultSecret, keys: readonly string[]): boolean {
  const left = spec.data.filter((entry) => !keys.includes(entryKey(entry)));
  if (left.length === 0 && deletionPolicy(spec) === 'Delete') return true;
  const dataKeys = left.map(({ dataKey }) => dataKey);
  return missingDataKeys(targetType(spec), dataKeys) === undefined;
}

function missingError(
  observed: OfThisVault,
  key: string,
  { missing, fetched }: { readonly missing: readonly string[]; readonly fetched: Fetched },
): ReconcileError {
  const { vaultSecret, connection, now } = observed;
  const { consequence, at } = fateOf(observed, missing);
  const [name = '', version] = key.split('/');
  const vaultUrl = vaultUrlOf(vaultSecret.spec, connection) ?? '';
  const result = fetched.get(key);
  return goneError(
    { vaultUrl, ref: { name, version } },
    {
      consequence,
      isDeleted: result?.ok === false && result.error.reason === 'KeyVaultSecretDeleted',
      ...(at === undefined ? {} : { retryAfterMs: Math.min(at - now, lookMs) }),
    },
  );
}

/** What becomes of the Secret if all of these stay missing, as the end of a sentence. */
function fateOf(
  observed: OfThisVault,
  missing: readonly string[],
): { readonly consequence: string; readonly at?: number } {
  const { vaultSecret } = observed;
  const { spec } = vaultSecret;
  const secret = `Secret ${targetName(vaultSecret)}`;
  const policy = deletionPolicy(spec);
  if (policy === 'Retain') return { consequence: `${secret} keeps the last value` };
  if (!isOptional(vaultSecret, missing)) {
    const type = targetType(spec);
    return { consequence: `${secret} keeps the last value, because type ${type} needs it` };
  }
  const at = Math.max(...missing.map((key) => leavesAt(observed, key)));
  const isAll = spec.data.every((entry) => missing.includes(entryKey(entry)));
  const loss = lossOf(observed, policy === 'Delete' && isAll);
  const back = rfc3339(Math.ceil(at / 1000));
  return { consequence: `unless it is back by ${back}, ${loss} (deletionPolicy ${policy})`, at };
}

function lossOf({ vaultSecret, target }: Observed, isWhole: boolean): string {
  const secret = `Secret ${targetName(vaultSecret)}`;
  if (target === undefined)
    return isWhole ? `${secret} stays away` : `${secret} is made without it`;
  return isWhole ? `${secret} is deleted` : `its data leave ${secret}`;
}
