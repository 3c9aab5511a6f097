import { managedLabel, ownerAnnotation, syncRecordAnnotation } from '../api/meta.ts';
import type { DesiredSecret } from '../core/desired.ts';
import type { Fence } from '../core/fence.ts';
import type { ObservedSecret } from '../core/observed.ts';
import { reveal } from '../core/redacted.ts';
import type { ApplyOptions } from '../ports/secrets.ts';
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
  const { namespace, name, type, labels, annotations, ownerReference, data } = desired;
  const metadata = {
    namespace,
    name,
    ...fenceFields(fence),
    labels,
    annotations,
    ...(ownerReference === undefined ? {} : { ownerReferences: [ownerReference] }),
  };
  const values = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, reveal(value)]),
  );
  return {
    contentType: applyPatch,
    query: { fieldManager, force },
    body: { apiVersion: 'v1', kind: 'Secret', metadata, type, data: values },
  };
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

/** Null removes, whoever owns the key: https://www.rfc-editor.org/rfc/rfc7396 */
export function pruning(
  { uid, resourceVersion }: ObservedSecret,
  dataKeys: readonly string[],
  fieldManager: string,
): Patch {
  const data = Object.fromEntries(dataKeys.map((key) => [key, null]));
  return {
    contentType: mergePatch,
    query: { fieldManager },
    body: { metadata: { uid, resourceVersion }, data },
  };
}

export function releasing(fence: Fence): Patch {
  const metadata = {
    ...fenceFields(fence),
    labels: { [managedLabel]: null },
    annotations: { [ownerAnnotation]: null, [syncRecordAnnotation]: null },
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
