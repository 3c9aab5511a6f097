import type { ListPage, ListRequest, ResourceSource } from '../ports/kube.ts';
import type { Stored } from '../ports/stored.ts';
import { createPageReader } from './pages.ts';
import type { ApiClient } from './request.ts';
import { decodeApart } from './unreadable.ts';
import { watch } from './watch.ts';

export interface ResourceSourceOptions<T> {
  readonly resource: string;
  /** Path of the collection. */
  readonly path: string;
  /** In which it is; absent: in all. */
  readonly namespace?: string | undefined;
  /** Media types of the object's list and of its watch events. */
  readonly accept: { readonly list: string; readonly watch: string };
  readonly labelSelector?: string;
  readonly decode: (raw: unknown) => Stored<T>;
}

/** The server ends a watch after this, so that a restarted API server gets its share of them again. */
const watchSeconds = 600;

export function createResourceSource<T>(
  api: ApiClient,
  { resource, path, namespace, labelSelector, accept, decode }: ResourceSourceOptions<T>,
): ResourceSource<Stored<T>> {
  const readPage = createPageReader(api, { path, accept: accept.list, labelSelector });
  return {
    resource,
    ...(namespace === undefined ? {} : { namespace }),

    async list(request: ListRequest): Promise<ListPage<Stored<T>>> {
      const { metadata, items } = await readPage(request);
      const page = { ...decodeAll(items, decode), resourceVersion: metadata.resourceVersion };
      return metadata.continue === '' ? page : { ...page, continueToken: metadata.continue };
    },

    watch({ resourceVersion, signal }) {
      const query = {
        allowWatchBookmarks: true,
        timeoutSeconds: watchSeconds,
        resourceVersion,
        labelSelector,
      };
      return watch(api, { path, query, accept: accept.watch, signal }, decode);
    },
  };
}

function decodeAll<T>(
  items: readonly unknown[],
  decode: (raw: unknown) => T,
): Pick<ListPage<T>, 'items' | 'unreadable'> {
  const decoded = items.map((raw) => decodeApart(raw, decode));
  const unreadable = decoded.flatMap((one) => one.unreadable ?? []);
  const readable = decoded.flatMap((one) => (one.unreadable === undefined ? [one.object] : []));
  return { items: readable, ...(unreadable.length === 0 ? {} : { unreadable }) };
}

/** Of the path of a collection in all namespaces that in one. */
export function inNamespace(path: string, namespace: string | undefined): string {
  return namespace === undefined ? path : path.replace(/[^/]+$/, `namespaces/${namespace}/$&`);
}
