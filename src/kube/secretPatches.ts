import { fieldManagerOf } from '../api/meta.ts';
import type { DesiredSecret } from '../core/secret/desired.ts';
import type { Fence } from '../core/observed/fence.ts';
import { mergeMarks, type Marks } from '../core/secret/marks.ts';
import type { MergedPart } from '../core/secret/mergedPart.ts';
import type { ObservedSecret } from '../core/observed/observed.ts';
import { reveal } from '../core/redacted.ts';
import type { ApplyOptions } from '../ports/secrets.ts';
import type { ReleasedLists } from './managedFields.ts';
import type { ApiRequest } from './request.ts';

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply */
export type Patch = Required<Pick<ApiRequest, 'contentType' | 'query' | 'body'>>;

const applyPatch = 'application/apply-patch+yaml';
const mergePatch = 'application/merge-patch+json';
const jsonPatch = 'application/json-patch+json';

export function applying(
  desired: DesiredSecret,
  { fieldManager, fence, force }: ApplyOptions,
): Patch {
  return {
    contentType: applyPatch,
    query: { fieldManager, force },
    body: secretOf(desired, fenceFields(fence)),
  };
}

/** An update of all data: fields whose value stays keep their manager. Seen on kube-apiserver 1.36.3. */
export function replacing(desired: DesiredSecret, fence: Fence, fieldManager: string): Patch {
  const { uid, resourceVersion } = fenceFields(fence);
  return {
    contentType: jsonPatch,
    query: { fieldManager },
    body: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/data', value: valuesOf(desired) },
    ],
  };
}

/** As a Secret holds them. */
export function valuesOf({ data }: DesiredSecret): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, reveal(value)]));
}

/** As the request to make it. */
export function secretOf(desired: DesiredSecret, fence: object = {}): object {
  const { namespace, name, type, labels, annotations, ownerReference } = desired;
  const metadata = {
    namespace,
    name,
    ...fence,
    // An empty map would be a field that we own.
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    annotations,
    ...(ownerReference === undefined ? {} : { ownerReferences: [ownerReference] }),
  };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, data: valuesOf(desired) };
}

/** A resourceVersion in the patched object makes the API server compare: a stale one is answered 409. Seen on kube-apiserver 1.36.3. */
export function taking(
  { resourceVersion }: ObservedSecret,
  managedFields: unknown,
  fieldManager: string,
): Patch {
  return {
    contentType: jsonPatch,
    query: { fieldManager },
    body: [
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    ],
  };
}

export function pruning(
  { uid, resourceVersion }: ObservedSecret,
  dataKeys: readonly string[],
  fieldManager: string,
): Patch {
  return {
    contentType: mergePatch,
    query: { fieldManager },
    body: { metadata: { uid, resourceVersion }, data: nulls(dataKeys) },
  };
}

/** In one write, so that a crash leaves all or nothing of it. */
export function withdrawing(fence: Fence, { uid, dataKeys }: MergedPart): Patch {
  const { annotations } = mergeMarks(uid);
  return {
    contentType: mergePatch,
    query: { fieldManager: fieldManagerOf(uid) },
    body: {
      metadata: { ...fenceFields(fence), annotations: nulls(annotations) },
      ...(dataKeys.length === 0 ? {} : { data: nulls(dataKeys) }),
    },
  };
}

/** An apply of nothing: what others own as well stays with them. */
export function disowning(
  { namespace, name, uid, resourceVersion }: ObservedSecret,
  fieldManager: string,
): Patch {
  const metadata = { namespace, name, uid, resourceVersion };
  return {
    contentType: applyPatch,
    query: { fieldManager, force: false },
    body: { apiVersion: 'v1', kind: 'Secret', metadata },
  };
}

/** With the lists as they are to be, which a merge patch replaces whole. */
export function releasing(
  fence: Fence,
  { labels, annotations }: Marks,
  lists: ReleasedLists,
): Patch {
  const metadata = {
    ...fenceFields(fence),
    labels: nulls(labels),
    annotations: nulls(annotations),
    ...lists,
  };
  return {
    contentType: mergePatch,
    query: { fieldManager: 'vaultsecret.dev' },
    body: { metadata },
  };
}

/**
 * No live Secret has the resourceVersion "1", so it lets a create pass and refuses everything else:
 * seen on kube-apiserver 1.36.3, absent gives 201 and present 409, also with force.
 */
export function fenceFields(fence: Fence): { uid?: string; resourceVersion: string } {
  return fence.kind === 'absent'
    ? { resourceVersion: '1' }
    : { uid: fence.uid, resourceVersion: fence.resourceVersion };
}

/** Null removes, whoever owns the key: https://www.rfc-editor.org/rfc/rfc7396 */
function nulls(keys: readonly string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(keys.map((key) => [key, null]));
}
