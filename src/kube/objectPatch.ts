import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { refreshAnnotation } from '../api/meta.ts';
import { KubeApiError } from '../ports/kube.ts';
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

/** The collection, and how an object of it is read. */
interface Collection<T> {
  readonly path: string;
  readonly decode: (raw: unknown) => Stored<T>;
}

/**
 * Replaces the whole status of exactly this uid, if the status still is as we know it: a leader that was frozen, and
 * does not lead any more, must not put an old one over what its successor wrote. Edits of spec and metadata refuse nothing.
 * @throws KubeApiError; 422 without causes when others wrote the status, 404 when the object is gone or another.
 */
export async function replaceStatus<Status, T extends Versioned & { readonly status: Status }>(
  api: ApiClient,
  { path, decode }: Collection<T>,
  object: T,
  status: Status,
): Promise<Stored<T> | undefined> {
  const at = `${path}/${object.name}`;
  const patch = (known: Operation) =>
    patchObject(api, `${at}/status`, [known, { op: 'add', path: '/status', value: status }], {
      ...object,
      status,
    });
  try {
    return await patch({ op: 'test', path: '/status', value: object.status });
  } catch (thrown) {
    if (!isTestRefusal(thrown)) throw thrown;
    const { metadata, body } = decode(await api.send({ method: 'GET', path: at }));
    if (body.uid !== object.uid) throw madeAgain(thrown);
    if (!isDeepStrictEqual(body.status, object.status)) throw thrown;
    // What we keep of a status may be less than what stands there: then the state that was just read is the fence.
    const { resourceVersion } = metadata;
    return patch({ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion });
  }
}

/** A test that fails is answered 422 without causes, which a schema that refuses names: seen on kube-apiserver 1.36.3. */
function isTestRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof KubeApiError) || thrown.refusedBy !== undefined) return false;
  return thrown.status === 422 && thrown.causes.length === 0;
}

function madeAgain(cause: unknown): KubeApiError {
  return new KubeApiError({ status: 404, reason: 'NotFound', message: 'made again', cause });
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
