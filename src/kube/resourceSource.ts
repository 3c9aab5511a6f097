import { z } from 'zod';
import {
  KubeApiError,
  type ListPage,
  type ListRequest,
  type ResourceSource,
  type WatchEvent,
  type WatchRequest,
} from '../ports/kube.ts';
import type { Stored } from '../ports/stored.ts';
import type { ApiClient } from './request.ts';

export interface ResourceSourceOptions<T> {
  readonly resource: string;
  /** Path of the collection in all namespaces. */
  readonly path: string;
  /** Media types of the object's list and of its watch events. */
  readonly accept: { readonly list: string; readonly watch: string };
  readonly labelSelector?: string;
  readonly decode: (raw: unknown) => Stored<T>;
}

/** The server ends a watch after this, so that a restarted API server gets its share of them again. */
const watchSeconds = 600;

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  // An empty list of metadata comes as null: seen on kube-apiserver 1.36.3.
  items: z
    .array(z.unknown())
    .nullable()
    .transform((items) => items ?? []),
});

const eventSchema = z.object({ type: z.string(), object: z.unknown() });
const bookmarkSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const errorSchema = z.object({
  code: z.number().default(500),
  reason: z.string().default(''),
  message: z.string().default(''),
});

export function createResourceSource<T>(
  api: ApiClient,
  options: ResourceSourceOptions<T>,
): ResourceSource<Stored<T>> {
  const { path, labelSelector, accept, decode } = options;
  return {
    resource: options.resource,

    async list({ limit, continueToken, signal }: ListRequest): Promise<ListPage<Stored<T>>> {
      const query = { limit, continue: continueToken, labelSelector };
      const { metadata, items } = listSchema.parse(
        await api.send({ method: 'GET', path, query, accept: accept.list, signal }),
      );
      return {
        items: items.map(decode),
        resourceVersion: metadata.resourceVersion,
        ...(metadata.continue === undefined || metadata.continue === ''
          ? {}
          : { continueToken: metadata.continue }),
      };
    },

    async *watch({ resourceVersion, signal }: WatchRequest): AsyncGenerator<WatchEvent<Stored<T>>> {
      const query = {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: watchSeconds,
        resourceVersion,
        labelSelector,
      };
      const body = await api.stream({ method: 'GET', path, query, accept: accept.watch, signal });
      for await (const line of linesOf(body)) yield decodeEvent(JSON.parse(line), decode);
    },
  };
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
function decodeEvent<T>(raw: unknown, decode: (raw: unknown) => Stored<T>): WatchEvent<Stored<T>> {
  const { type, object } = eventSchema.parse(raw);
  switch (type) {
    case 'ADDED':
      return { type: 'added', object: decode(object) };
    case 'MODIFIED':
      return { type: 'modified', object: decode(object) };
    case 'DELETED':
      return { type: 'deleted', object: decode(object) };
    case 'BOOKMARK':
      return {
        type: 'bookmark',
        resourceVersion: bookmarkSchema.parse(object).metadata.resourceVersion,
      };
    default: {
      const { code, reason, message } = errorSchema.parse(object);
      throw new KubeApiError({ status: code, reason, message });
    }
  }
}

export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}
