import { describe, expect, test } from 'vitest';
import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { redact } from '../../../src/core/redacted.ts';
import { renderRevision, vaultRevision } from '../../../src/core/secret/revision.ts';
import { formatRecord, type SyncRecord } from '../../../src/core/secret/recordFormat.ts';
import { nextRecord } from '../../../src/core/secret/syncRecord.ts';
import {
  aKeyVaultSecret,
  aManager,
  anObserved,
  anObservedSecret,
  aSpec,
  aVaultSecret,
  now,
  versionOne,
  versionTwo,
  diagnosed,
} from './builders.ts';

const seconds = now / 1_000;
const expiry = seconds + 86_400;
const dataOf = (...names: readonly string[]) =>
  names.map((name) => ({ dataKey: name.toUpperCase(), secret: { name } }));

function read(...secrets: readonly ReturnType<typeof aKeyVaultSecret>[]) {
  return new Map(secrets.map((secret) => [secret.name, secret]));
}

function next(
  spec: VaultSecretSpec,
  values: ReturnType<typeof read>,
  former: SyncRecord | undefined,
  at: number,
): SyncRecord {
  const target = former && anObservedSecret({ record: formatRecord(former) });
  const observed = anObserved({ vaultSecret: aVaultSecret({ spec }), target, now: at });
  return nextRecord(observed, diagnosed(observed).record, values);
}

const record: SyncRecord = next(aSpec(), read(aKeyVaultSecret()), undefined, now);

const revisionOf = (given: VaultSecretSpec): string => renderRevision(given, given.vaultUrl);

describe('the sync record', () => {
  test('says which versions the Secret was made from, when, and by which rendering', () => {
    expect(next(aSpec(), read(aKeyVaultSecret({ expiresOn: expiry })), undefined, now)).toEqual({
      render: renderRevision(aSpec(), aSpec().vaultUrl),
      vault: vaultRevision(aSpec().vaultUrl),
      type: 'Opaque',
      syncedAt: seconds,
      sources: { 'db-password': { version: versionOne, expiresOn: expiry } },
    });
  });

  test('is the very same while nothing changed', () => {
    expect(next(aSpec(), read(aKeyVaultSecret()), record, now + 3_600_000)).toEqual(record);
  });

  test('does not depend on the order in which a spec names its objects', () => {
    const values = read(aKeyVaultSecret({ name: 'a' }), aKeyVaultSecret({ name: 'b' }));
    const first = next(aSpec({ data: dataOf('a', 'b') }), values, undefined, now);

    expect(next(aSpec({ data: dataOf('b', 'a') }), values, first, now + 5_000)).toEqual(first);
  });

  test.each([
    ['a version', aSpec(), aKeyVaultSecret({ version: versionTwo })],
    ['the rendering', aSpec({ target: { labels: { team: 'a' } } }), aKeyVaultSecret()],
  ])('moves its time when %s changed', (_, spec, secret) => {
    expect(next(spec, read(secret), record, now + 5_000).syncedAt).toBe(seconds + 5);
  });

  test.each([
    ['the expiry', { expiresOn: expiry }],
    ['the moment of its succession', { supersededAt: expiry }],
  ])('follows %s of a version, and keeps its time: the data are the same', (_, times) => {
    const { syncedAt, sources } = next(aSpec(), read(aKeyVaultSecret(times)), record, now + 5_000);

    expect(syncedAt).toBe(seconds);
    expect(sources).toEqual({ 'db-password': { version: versionOne, ...times } });
  });

  test('holds nothing that depends on a value', () => {
    const other = next(
      aSpec(),
      read(aKeyVaultSecret({ value: redact('an0ther') })),
      undefined,
      now,
    );

    expect(formatRecord(other)).toBe(formatRecord(record));
  });

  describe('of stringData that somebody applied', () => {
    const foreign = aManager({ name: 'foreign', operation: 'Apply', stringDataKeys: ['X'] });
    const given = (former: SyncRecord, ...managers: readonly ReturnType<typeof aManager>[]) => {
      const target = anObservedSecret({ record: formatRecord(former), managers });
      const observed = anObserved({ target });
      return nextRecord(observed, diagnosed(observed).record, read(aKeyVaultSecret()));
    };
    const overruling = { ...record, overruled: [`foreign ${foreign.time}`] };

    test('names who and when, and takes it for no change of the data', () => {
      expect(given(record, aManager(), foreign)).toEqual(overruling);
    });

    test('stays as it is until there is something new', () => {
      expect(given(overruling, foreign)).toEqual(overruling);
      expect(given(overruling)).toEqual(overruling);
      expect(given(overruling, { ...foreign, time: '2026-11-25T11:30:00Z' })).toEqual({
        ...record,
        overruled: ['foreign 2026-11-25T11:30:00Z'],
      });
    });
  });

  test.each([
    ['milliseconds', expiry * 1_000],
    ['a negative number', -1],
    ['a fraction', 0.5],
    ['no number', Number.NaN],
  ])('leaves out a time that is %s', (_, time) => {
    const values = read(aKeyVaultSecret({ expiresOn: time, supersededAt: time }));

    expect(next(aSpec(), values, undefined, now).sources).toEqual({
      'db-password': { version: versionOne },
    });
  });
});

describe('the render revision', () => {
  const spec = aSpec({
    data: [
      { dataKey: 'A', secret: { name: 'a' } },
      { dataKey: 'B', secret: { name: 'b', version: versionOne } },
    ],
    target: { labels: { x: '1', y: '2' }, annotations: { x: '1', y: '2' } },
  });
  const [first, second] = spec.data;
  if (first === undefined || second === undefined) throw new TypeError('two entries');

  test.each<readonly [string, Partial<VaultSecretSpec>]>([
    ['a trailing slash of the vault', { vaultUrl: `${spec.vaultUrl}/` }],
    ['the order of the data', { data: [second, first] }],
    [
      'the order of labels and annotations',
      { target: { labels: { y: '2', x: '1' }, annotations: { y: '2', x: '1' } } },
    ],
    [
      'a default that is spelt out',
      { target: { ...spec.target, type: 'Opaque', creationPolicy: 'Owner' } },
    ],
    ['who reads', { serviceAccountName: 'other' }],
    ['how often', { refreshInterval: '5m' }],
    ['the name of the Secret', { target: { ...spec.target, name: 'other' } }],
  ])('does not depend on %s', (_, difference) => {
    expect(revisionOf({ ...spec, ...difference })).toBe(revisionOf(spec));
  });

  const target = { ...spec.target };
  const variants: readonly (readonly [string, Partial<VaultSecretSpec>])[] = [
    ['the vault', { vaultUrl: 'https://other.vault.azure.net' }],
    ['a data key', { data: [{ ...first, dataKey: 'C' }, second] }],
    ['an object', { data: [{ ...first, secret: { name: 'c' } }, second] }],
    [
      'a pinned version',
      { data: [first, { ...second, secret: { name: 'b', version: versionTwo } }] },
    ],
    [
      'a version that is not pinned any more',
      { data: [first, { ...second, secret: { name: 'b' } }] },
    ],
    ['a decoding', { data: [{ ...first, decode: 'hex' }, second] }],
    ['another decoding', { data: [{ ...first, decode: 'base64' }, second] }],
    ['a key more', { data: [first, second, { dataKey: 'C', secret: { name: 'a' } }] }],
    ['a key less', { data: [first] }],
    ['the type', { target: { ...target, type: 'example.com/x' } }],
    ['a label', { target: { ...target, labels: { x: '1' } } }],
    ['the value of a label', { target: { ...target, labels: { x: '1', y: '3' } } }],
    ['an annotation', { target: { ...target, annotations: { x: '1', y: '3' } } }],
    [
      'labels and annotations swapped',
      { target: { ...target, labels: { x: '1' }, annotations: { x: '1', y: '2', z: '' } } },
    ],
    ['the creation policy', { target: { ...target, creationPolicy: 'Orphan' } }],
  ];

  test('differs for each thing that shapes the Secret', () => {
    const revisions = new Map<string, string>([[revisionOf(spec), 'the spec itself']]);
    for (const [what, difference] of variants) {
      const revision = revisionOf({ ...spec, ...difference });
      expect(revisions.get(revision), what).toBeUndefined();
      revisions.set(revision, what);
    }
  });

  test('is short, and stays what it was, or every Secret is written again', () => {
    expect(renderRevision(aSpec(), aSpec().vaultUrl)).toBe('c3e9ee978de067ef');
  });
});
