import { managedLabel, ownerAnnotation, syncRecordAnnotation } from '../api/meta.ts';
import type { DesiredSecret } from '../core/desired.ts';
import type { Fence } from '../core/fence.ts';
import { reveal } from '../core/redacted.ts';
import { KubeApiError, type ObjectName } from '../ports/kube.ts';
import type { SecretClient } from '../ports/secrets.ts';
import { decodeSecret } from './decode.ts';
import { partialMetadata, type ApiClient } from './request.ts';

const pathOf = ({ namespace, name }: ObjectName): string =>
  `/api/v1/namespaces/${namespace}/secrets/${name}`;

export function createSecretClient(api: ApiClient): SecretClient {
  const patch = async (
    path: string,
    contentType: string,
    body: unknown,
    query: Record<string, string | boolean>,
  ) =>
    decodeSecret(
      await api.send({ method: 'PATCH', path, query, body, contentType, accept: partialMetadata }),
    );

  return {
    async get(secret) {
      try {
        return decodeSecret(
          await api.send({ method: 'GET', path: pathOf(secret), accept: partialMetadata }),
        );
      } catch (thrown) {
        if (thrown instanceof KubeApiError && thrown.status === 404) return undefined;
        throw thrown;
      }
    },

    apply: async (desired, { fieldManager, fence, force }) =>
      patch(pathOf(desired), 'application/apply-patch+yaml', applyConfiguration(desired, fence), {
        fieldManager,
        force,
      }),

    prune: async (secret, dataKeys, fieldManager) => {
      const data = Object.fromEntries(dataKeys.map((key) => [key, null]));
      const { uid, resourceVersion } = secret;
      return patch(
        pathOf(secret),
        'application/merge-patch+json',
        { metadata: { uid, resourceVersion }, data },
        { fieldManager },
      );
    },

    async delete(secret, fence) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: fenceFields(fence) };
      await ignoreGone(async () =>
        api.send({ method: 'DELETE', path: pathOf(secret), body, accept: partialMetadata }),
      );
    },

    async release(secret, fence) {
      const metadata = {
        ...fenceFields(fence),
        labels: { [managedLabel]: null },
        annotations: { [ownerAnnotation]: null, [syncRecordAnnotation]: null },
      };
      await ignoreGone(async () =>
        patch(
          pathOf(secret),
          'application/merge-patch+json',
          { metadata },
          { fieldManager: 'vaultsecret.dev' },
        ),
      );
    },
  };
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

/**
 * No live Secret has the resourceVersion "1", so it lets a create pass and refuses everything else:
 * seen on kube-apiserver 1.36.3, absent gives 201 and present 409, also with force.
 */
function fenceFields(fence: Fence): { uid?: string; resourceVersion: string } {
  return fence.kind === 'absent'
    ? { resourceVersion: '1' }
    : { uid: fence.uid, resourceVersion: fence.resourceVersion };
}

async function ignoreGone(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (thrown) {
    if (!(thrown instanceof KubeApiError) || thrown.status !== 404) throw thrown;
  }
}
