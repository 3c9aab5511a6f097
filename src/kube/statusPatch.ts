import { z } from 'zod';
import { refreshAnnotation } from '../api/meta.ts';
import type { Stored } from '../ports/stored.ts';
import { partialMetadata, type ApiClient } from './request.ts';

const answerSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    generation: z.number(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

interface Versioned {
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly refresh?: string;
}

/**
 * Replaces the whole status of exactly this uid; undefined when the spec was edited or a refresh asked for
 * meanwhile, because then only the watch knows what stands there now. @throws KubeApiError
 */
export async function replaceStatus<Status, T extends Versioned & { readonly status: Status }>(
  api: ApiClient,
  path: string,
  object: T,
  status: Status,
): Promise<Stored<T> | undefined> {
  const { namespace = '', name, uid, generation, refresh } = object;
  const answer = await api.send({
    method: 'PATCH',
    path: `${path}/${name}/status`,
    query: { fieldManager: 'vaultsecret' },
    contentType: 'application/json-patch+json',
    accept: partialMetadata,
    body: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'add', path: '/status', value: status },
    ],
  });
  const { metadata } = answerSchema.parse(answer);
  if (metadata.generation !== generation || metadata.annotations[refreshAnnotation] !== refresh)
    return undefined;
  const { resourceVersion } = metadata;
  return { metadata: { namespace, name, uid, resourceVersion }, body: { ...object, status } };
}
