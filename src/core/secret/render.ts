import type { DataEntry } from '../../api/dataEntry.ts';
import { ReconcileError } from '../errors/errors.ts';
import { entryKey, type SourceValue } from '../source/sourceRef.ts';
import { redact, reveal, type Redacted } from '../redacted.ts';
import { valueFormat } from './valueFormat.ts';

/** Data keys with their values as a Secret holds them: base64. */
export type SecretData = Readonly<Record<string, Redacted<string>>>;

/**
 * The data of a Secret of this type. `values` holds what each entry names, by `sourceKey`.
 * @throws ReconcileError ValueNotDecodable
 */
export function renderData(
  type: string,
  entries: readonly DataEntry[],
  values: ReadonlyMap<string, SourceValue>,
): SecretData {
  const rendered = entries.map((entry) => {
    const source = values.get(entryKey(entry));
    if (source === undefined) throw new TypeError(`nothing was read for data key ${entry.dataKey}`);
    const bytes = decode(entry, reveal(source.value));
    const format = valueFormat(type, entry.dataKey);
    if (format?.fits(bytes) === false) throw notDecodable(entry, format.name);
    return [entry.dataKey, redact(bytes.toString('base64'))] as const;
  });
  // Not by assignment: `__proto__` is a legal data key.
  return Object.fromEntries(rendered);
}

/** RFC 4648 sections 4 and 5; white space is what editors and `base64` wrap with. */
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const hex = /^([0-9a-fA-F]{2})*$/;

function decode(entry: DataEntry, text: string): Buffer {
  if (entry.decode === undefined) return Buffer.from(text, 'utf8');
  const compact = text.replaceAll(/\s/g, '');
  const isBase64 = entry.decode === 'base64';
  const isWellFormed = isBase64
    ? base64.test(compact) && compact.replace(/=+$/, '').length % 4 !== 1
    : hex.test(compact);
  if (isWellFormed) return Buffer.from(compact, entry.decode);
  throw notDecodable(entry, entry.decode);
}

function notDecodable(entry: DataEntry, encoding: string): ReconcileError {
  return new ReconcileError('ValueNotDecodable', {
    details: { object: entryKey(entry), dataKey: entry.dataKey, encoding },
  });
}
