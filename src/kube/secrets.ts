import { z } from 'zod';
import type { DesiredSecret } from '../core/secret/desired.ts';
import type { TypeDemand } from '../core/secret/adoption.ts';
import { KubeApiError, type ObjectName } from '../ports/kube.ts';
import type { SecretClient } from '../ports/secrets.ts';
import { compare } from './secretComparison.ts';
import { decodeSecret } from './decode.ts';
import { managedFieldsSchema, released, takenOver } from './managedFields.ts';
import {
  ifFound,
  partialMetadata,
  partialMetadataList,
  type ApiClient,
  type ApiRequest,
} from './request.ts';
import {
  applying,
  disowning,
  fenceFields,
  pruning,
  releasing,
  replacing,
  secretOf,
  taking,
  withdrawing,
  type Patch,
} from './secretPatches.ts';

export function createSecretClient(api: ApiClient): SecretClient {
  const send = async (secret: ObjectName, request: Pick<ApiRequest, 'method' | 'body'>) =>
    api.send({ path: pathOf(secret), accept: partialMetadata, ...request });
  const patch = async (secret: ObjectName, request: Patch) =>
    decodeSecret(await send(secret, { method: 'PATCH', ...request }));

  return {
    get: async (secret) => ifFound(async () => decodeSecret(await send(secret, { method: 'GET' }))),

    hasType: async (secret, demand) => hasType(api, secret, demand),

    apply: async (desired, options) => patch(desired, applying(desired, options)),

    compare: async (desired) => compare(api, desired),

    replaceData: async (desired, fence, fieldManager) =>
      patch(desired, replacing(desired, fence, fieldManager)),

    tryCreate: async (desired, fieldManager) => tryCreate(api, desired, fieldManager),

    async takeOver(secret, takeOver, fieldManager) {
      const { metadata } = managedFieldsSchema.parse(await send(secret, { method: 'GET' }));
      const managedFields = takenOver(metadata.managedFields, fieldManager, takeOver);
      return patch(secret, taking(secret, managedFields, fieldManager));
    },

    prune: async (secret, dataKeys, fieldManager) =>
      patch(secret, pruning(secret, dataKeys, fieldManager)),

    async delete(secret, fence) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: fenceFields(fence) };
      await ifFound(async () => send(secret, { method: 'DELETE', body }));
    },

    withdraw: async (secret, fence, part) =>
      ifFound(async () => patch(secret, withdrawing(fence, part))),

    disown: async (secret, fieldManager) => patch(secret, disowning(secret, fieldManager)),

    release: async (secret, fence, marks) =>
      ifFound(async () => {
        const lists = released(await send(secret, { method: 'GET' }), marks);
        return patch(secret, releasing(fence, marks, lists));
      }),
  };
}

async function hasType(
  api: ApiClient,
  { namespace, name }: ObjectName,
  demand: TypeDemand,
): Promise<boolean> {
  const fieldSelector = [`metadata.name=${name}`, ...typeSelectors(demand)].join(',');
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const query = { fieldSelector };
  const answer = await api.send({ method: 'GET', path, query, accept: partialMetadataList });
  return (listSchema.parse(answer).items ?? []).length > 0;
}

async function tryCreate(
  api: ApiClient,
  desired: DesiredSecret,
  fieldManager: string,
): Promise<void> {
  const path = `/api/v1/namespaces/${desired.namespace}/secrets`;
  const query = { fieldManager, dryRun: 'All' };
  const body = secretOf(desired);
  try {
    await api.send({ method: 'POST', path, query, accept: partialMetadata, body });
  } catch (thrown) {
    // Whether the name is taken comes last, after validation and admission: seen on kube-apiserver 1.36.3.
    if (!(thrown instanceof KubeApiError) || thrown.reason !== 'AlreadyExists') throw thrown;
  }
}

const listSchema = z.object({ items: z.array(z.unknown()).nullable() });

function typeSelectors(demand: TypeDemand): readonly string[] {
  return 'is' in demand
    ? [`type=${escaped(demand.is)}`]
    : demand.isNoneOf.map((type) => `type!=${escaped(type)}`);
}

/** https://github.com/kubernetes/apimachinery/blob/master/pkg/fields/selector.go: EscapeValue */
function escaped(value: string): string {
  return value.replaceAll(/[\\,=]/g, '\\$&');
}

function pathOf({ namespace, name }: ObjectName): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}
