import { describe, expect, test } from 'vitest';
import { managedFieldsSchema, takenOver } from '../../../src/kube/managedFields.ts';

const ours = 'vaultsecret.dev/new';
const gone = 'vaultsecret.dev/old';

function entry(manager: string, fieldsV1: object, operation = 'Apply') {
  const time = '2026-11-25T08:00:00Z';
  return { manager, operation, apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1 };
}

function taken(managedFields: readonly object[], allData: boolean) {
  const { metadata } = managedFieldsSchema.parse({ metadata: { managedFields } });
  return takenOver(metadata.managedFields, ours, { predecessors: [gone], allData });
}

const after = (...entries: readonly object[]) => taken(entries, false);

describe('a take-over of the fields of a VaultSecret that is gone', () => {
  test('makes all of them ours, and leaves others as they are, to the letter', () => {
    const kubectl = entry('kubectl-edit', { 'f:data': { 'f:X': {} } }, 'Update');
    const foreign = entry('argo', { 'f:metadata': { 'f:labels': { 'f:app': {} } } });
    const owner = { 'k:{"uid":"u"}': { '.': {}, 'f:name': {} } };
    const fields = {
      'f:data': { 'f:A': {}, 'f:__proto__': {} },
      'f:metadata': { 'f:labels': { 'f:team': {} }, 'f:ownerReferences': owner },
      'f:type': {},
    };

    expect(after(kubectl, entry(gone, fields), foreign)).toEqual([
      {
        manager: ours,
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: fields,
      },
      kubectl,
      foreign,
    ]);
  });

  test('adds to what we own already', () => {
    const [own] = after(
      entry(ours, { 'f:data': { 'f:A': {}, 'f:B': {} }, 'f:type': {} }),
      entry(gone, { 'f:data': { 'f:B': {}, 'f:C': {} }, 'f:metadata': { 'f:labels': {} } }),
    );

    expect(own?.fieldsV1).toEqual({
      'f:data': { 'f:A': {}, 'f:B': {}, 'f:C': {} },
      'f:type': {},
      'f:metadata': { 'f:labels': {} },
    });
  });

  test('leaves alone what somebody updated under such a name', () => {
    const update = entry(gone, { 'f:data': { 'f:A': {} } }, 'Update');

    expect(after(update)).toMatchObject([{ manager: ours, fieldsV1: {} }, update]);
  });
});

describe('a take-over of all data', () => {
  test('makes the data keys of everybody ours, and leaves them their other fields', () => {
    const labels = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:type': {} };
    const kubectl = { 'f:data': { '.': {}, 'f:A': {}, 'f:B': {} }, ...labels };
    const entries = [
      entry('kubectl-create', kubectl, 'Update'),
      entry('argo', { 'f:stringData': { 'f:C': {} } }),
      entry(gone, { 'f:data': { 'f:D': {} }, 'f:type': {} }),
    ];

    expect(taken(entries, true)).toEqual([
      {
        manager: ours,
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:A': {}, 'f:B': {}, 'f:C': {}, 'f:D': {} }, 'f:type': {} },
      },
      entry('kubectl-create', labels, 'Update'),
    ]);
  });

  test('claims no data where there are none', () => {
    expect(taken([entry('kubectl-create', { 'f:type': {} }, 'Update')], true)).toMatchObject([
      { manager: ours, fieldsV1: {} },
      { manager: 'kubectl-create' },
    ]);
  });
});
