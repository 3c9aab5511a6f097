import { KubeApiError } from '../ports/kube.ts';
import type { Stored } from '../ports/stored.ts';
import { partialMetadata, partialMetadataList, type ApiClient } from './request.ts';
import { createResourceSource, type ResourceSourceOptions } from './resourceSource.ts';

/** A list that the API server did not give to this caller. */
export interface MissingList {
  readonly resource: string;
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
  /** Forbidden: the right to list is missing. NotServed: there is no such resource, so its CRD is missing. */
  readonly cause: 'Forbidden' | 'NotServed';
}

export type Listed<T> =
  | { readonly items: readonly Stored<T>[]; readonly missing?: undefined }
  | { readonly items: undefined; readonly missing: MissingList };

export interface Collection<T> extends Pick<ResourceSourceOptions<T>, 'resource' | 'decode'> {
  /** Of all namespaces. */
  readonly path: string;
  readonly namespace: string | undefined;
  readonly metadataOnly?: boolean;
}

const pageSize = 500;
const full = { list: 'application/json', watch: 'application/json' };
const metadata = { list: partialMetadataList, watch: partialMetadata };

/** A whole collection, as the caller may see it. @throws KubeApiError but for a missing right or resource */
export async function listCollection<T>(
  api: ApiClient,
  { resource, path, namespace, decode, metadataOnly = false }: Collection<T>,
  signal: AbortSignal,
): Promise<Listed<T>> {
  const accept = metadataOnly ? metadata : full;
  const source = createResourceSource(api, { resource, path, accept, decode });
  try {
    const items: Stored<T>[] = [];
    let page = await source.list({ limit: pageSize, signal });
    items.push(...page.items);
    while (page.continueToken !== undefined) {
      page = await source.list({ limit: pageSize, continueToken: page.continueToken, signal });
      items.push(...page.items);
    }
    return { items };
  } catch (thrown) {
    const status = thrown instanceof KubeApiError ? thrown.status : 0;
    if (status !== 403 && status !== 404) throw thrown;
    const cause = status === 403 ? 'Forbidden' : 'NotServed';
    return { items: undefined, missing: { resource, namespace, cause } };
  }
}
