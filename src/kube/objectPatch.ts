import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { refreshAnnotation } from '../api/meta.ts';
import type { Stored } from '../ports/stored.ts';
import { partialMetadata, type ApiClient } from './request.ts';

const answerSchema = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    generation: z.number(),
    annotations: z.record(z.string(), z.string()).default({}),
    finalizers: z.array(z.string()).default([]),
  }),
});

interface Versioned {
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly refresh?: string;
  readonly finalizers?: readonly string[];
}

/** https://www.rfc-editor.org/rfc/rfc6902 */
export interface Operation {
  readonly op: 'add' | 'test';
  readonly path: string;
  readonly value: unknown;
}

/** Replaces the whole status of exactly this uid. @throws KubeApiError */
export async function replaceStatus<Status, T extends Versioned & { readonly status: Status }>(
  api: ApiClient,
  path: string,
  object: T,
  status: Status,
): Promise<Stored<T> | undefined> {
  const operations: readonly Operation[] = [{ op: 'add', path: '/status', value: status }];
  const after = { ...object, status };
  return patchObject(api, `${path}/${object.name}/status`, operations, after);
}

/**
 * Changes exactly this uid into `after`; undefined when somebody else changed meanwhile what we know of it, because
 * then only the watch knows what stands there now. @throws KubeApiError
 */
export async function patchObject<T extends Versioned>(
  api: ApiClient,
  path: string,
  operations: readonly Operation[],
  after: T,
): Promise<Stored<T> | undefined> {
  const { namespace = '', name, uid } = after;
  const answer = await api.send({
    method: 'PATCH',
    path,
    query: { fieldManager: 'vaultsecret' },
    contentType: 'application/json-patch+json',
    accept: partialMetadata,
    body: [{ op: 'test', path: '/metadata/uid', value: uid }, ...operations],
  });
  const { metadata } = answerSchema.parse(answer);
  const { resourceVersion } = metadata;
  return isAsKnown(after, metadata)
    ? { metadata: { namespace, name, uid, resourceVersion }, body: after }
    : undefined;
}

function isAsKnown(
  { generation, refresh, finalizers }: Versioned,
  found: z.infer<typeof answerSchema>['metadata'],
): boolean {
  return (
    found.generation === generation &&
    found.annotations[refreshAnnotation] === refresh &&
    (finalizers === undefined || isDeepStrictEqual(found.finalizers, [...finalizers]))
  );
}
