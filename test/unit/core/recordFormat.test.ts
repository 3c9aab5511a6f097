import { describe, expect, test } from 'vitest';
import { syncRecordAnnotation } from '../../../src/api/meta.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import {
  formatRecord,
  parseRecord,
  type SyncRecord,
} from '../../../src/core/secret/recordFormat.ts';
import {
  selected,
  afterwards,
  aMemory,
  anObserved,
  aSynced,
  decide,
  now,
  targetOf,
  writesOf,
} from './builders.ts';
import { anError } from './someErrors.ts';

const synced = aSynced();
const record = recordOf(synced);
const { format, ...written } = JSON.parse(targetOf(synced).record ?? '') as Record<string, unknown>;

function recordOf({ target }: Observed): SyncRecord {
  const found = parseRecord(target?.record);
  if (found === undefined) throw new TypeError('there is no record');
  return found;
}

const withRecord = (fields: object): Observed => ({
  ...synced,
  target: { ...targetOf(synced), record: JSON.stringify(fields) },
});

/** As somebody's `kubectl annotate` leaves it: the annotation is theirs. */
const overwritten = (text: string): Observed => {
  const target = targetOf(synced);
  const managers = target.managers.map((manager) => ({
    ...manager,
    annotations: manager.annotations.filter((name) => name !== syncRecordAnnotation),
  }));
  return { ...synced, target: { ...target, record: text, managers } };
};

describe('a record', () => {
  test('says which format it has, and reads back as it was written', () => {
    expect(format).toBe(1);
    expect(parseRecord(formatRecord(record))).toEqual(record);
  });

  test.each<readonly [string, object]>([
    ['without a format', written],
    ['of a later format with fields that are not known here', { ...written, format: 2, pages: [] }],
    ['in another order', Object.fromEntries(Object.entries(written).toReversed())],
  ])('%s is read whole, and costs no write', (_, fields) => {
    const observed = withRecord(fields);

    expect(recordOf(observed)).toEqual(record);
    expect(writesOf({ ...observed, memory: aMemory({ refreshAt: now }) })).toEqual([]);
  });

  test.each<readonly [string, object]>([
    ['without sources', { ...written, sources: undefined }],
    ['with a version that is no text', { ...written, sources: { 'db-password': { version: 1 } } }],
    ['with sources of another kind', { ...written, sources: [] }],
    ['with a time that no calendar has', { ...written, syncedAt: 1e15 }],
    ['with a negative time', { ...written, syncedAt: -1 }],
    ['without a type', { ...written, type: undefined }],
    ['without a vault', { ...written, vault: undefined }],
    ['with a list of gone objects that is none', { ...written, gone: 7 }],
    ['that is empty', {}],
  ])('%s is written anew, once, and taken for nobody’s deed', (_, fields) => {
    const observed = withRecord(fields);

    expect(selected(observed).reason).toBe('recordUnreadable');
    expect(writesOf(observed)).toEqual(expect.arrayContaining(['Secret: apply']));
    expect(writesOf(observed)).not.toContain('event DriftRepaired');
    const next = { ...afterwards(observed, decide(observed)), memory: aMemory() };
    expect(recordOf(next)).toMatchObject({ render: record.render, sources: record.sources });
    expect(writesOf(next)).toEqual([]);
  });

  test('keeps the sources that can be read beside one that cannot', () => {
    const sources = { a: { version: 'v1' }, b: { version: 2 } };

    expect(parseRecord(JSON.stringify({ ...written, sources }))).toEqual({
      ...record,
      render: '',
      sources: { a: { version: 'v1' } },
    });
  });

  test.each([['[]'], ['null'], ['{"render":'], ['']])(
    'of which nothing can be read is nobody’s deed while the annotation is ours: %s',
    (text) => {
      const observed = { ...synced, target: { ...targetOf(synced), record: text } };

      expect(selected(observed).reason).toBe('recordUnreadable');
      expect(writesOf(observed)).not.toContain('event DriftRepaired');
    },
  );

  test('that somebody overwrote is repaired, with the event that says so', () => {
    for (const text of ['spoilt', '{}', '[]']) {
      expect(selected(overwritten(text)).reason).toBe('recordLost');
      expect(writesOf(overwritten(text))).toContain('event DriftRepaired');
    }
  });

  test('of which nothing can be read hides an outage like any upgrade', () => {
    const observed = { ...synced, target: { ...targetOf(synced), record: '[]' } };

    expect(writesOf(observed, { 'db-password': anError('KeyVaultUnreachable') })).toEqual([]);
  });

  test('is none where no annotation is', () => {
    expect(parseRecord(undefined)).toBeUndefined();
    expect(selected(anObserved()).reason).toBe('firstSync');
  });
});
