import { managedLabel, ownerAnnotation, syncRecordAnnotation } from '../api/meta.ts';
import type { DesiredSecret } from '../core/desired.ts';
import type { Fence } from '../core/fence.ts';
import { reveal } from '../core/redacted.ts';
import type { ObjectName } from '../ports/kube.ts';
import type { SecretClient } from '../ports/secrets.ts';
import { decodeSecret } from './decode.ts';
import { ifFound, partialMetadata, type ApiClient, type ApiRequest } from './request.ts';

type Patch = Pick<ApiRequest, 'contentType' | 'body' | 'query'>;

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply */
const applyPatch = 'application/apply-patch+yaml';
const mergePatch = 'application/merge-patch+json';

export function createSecretClient(api: ApiClient): SecretClient {
  const send = async (secret: ObjectName, request: Patch & Pick<ApiRequest, 'method'>) =>
    api.send({ path: pathOf(secret), accept: partialMetadata, ...request });
  const patch = async (secret: ObjectName, request: Patch) =>
    decodeSecret(await send(secret, { method: 'PATCH', ...request }));

  return {
    get: async (secret) => ifFound(async () => decodeSecret(await send(secret, { method: 'GET' }))),

    apply: async (desired, { fieldManager, fence, force }) =>
      patch(desired, {
        contentType: applyPatch,
        query: { fieldManager, force },
        body: applyConfiguration(desired, fence),
      }),

    prune: async (secret, dataKeys, fieldManager) =>
      patch(secret, {
        contentType: mergePatch,
        query: { fieldManager },
        body: pruningPatch(secret, dataKeys),
      }),

    async delete(secret, fence) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: fenceFields(fence) };
      await ifFound(async () => send(secret, { method: 'DELETE', body }));
    },

    async release(secret, fence) {
      const body = releasingPatch(fence);
      const query = { fieldManager: 'vaultsecret.dev' };
      await ifFound(async () => patch(secret, { contentType: mergePatch, query, body }));
    },
  };
}

function pathOf({ namespace, name }: ObjectName): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

function applyConfiguration(desired: DesiredSecret, fence: Fence): unknown {
  const { namespace, name, type, labels, annotations, ownerReference, data } = desired;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name,
      ...fenceFields(fence),
      labels,
      annotations,
      ...(ownerReference === undefined ? {} : { ownerReferences: [ownerReference] }),
    },
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, reveal(value)])),
  };
}

/** Null removes, whoever owns the key: https://www.rfc-editor.org/rfc/rfc7396 */
function pruningPatch(
  { uid, resourceVersion }: { uid: string; resourceVersion: string },
  dataKeys: readonly string[],
): unknown {
  const data = Object.fromEntries(dataKeys.map((key) => [key, null]));
  return { metadata: { uid, resourceVersion }, data };
}

function releasingPatch(fence: Fence): unknown {
  return {
    metadata: {
      ...fenceFields(fence),
      labels: { [managedLabel]: null },
      annotations: { [ownerAnnotation]: null, [syncRecordAnnotation]: null },
    },
  };
}

/**
 * No live Secret has the resourceVersion "1", so it lets a create pass and refuses everything else:
 * seen on kube-apiserver 1.36.3, absent gives 201 and present 409, also with force.
 */
function fenceFields(fence: Fence): { uid?: string; resourceVersion: string } {
  return fence.kind === 'absent'
    ? { resourceVersion: '1' }
    : { uid: fence.uid, resourceVersion: fence.resourceVersion };
}
