import { KubeApiError } from '../ports/kube.ts';
import type { Stored } from '../ports/stored.ts';
import { partialMetadata, partialMetadataList, type ApiClient } from './request.ts';
import { createResourceSource, type ResourceSourceOptions } from './resourceSource.ts';

/** A list that the API server did not give to this caller. */
export interface MissingList {
  readonly resource: string;
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
  /**
   * Forbidden: the API server says that the right to list is missing. Refused: a 403 that does not say so, as of a
   * proxy. NotServed: there is no such resource, so its CRD is missing.
   */
  readonly cause: 'Forbidden' | 'Refused' | 'NotServed';
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
    const cause = thrown instanceof KubeApiError ? causeOf(thrown) : undefined;
    if (cause === undefined) throw thrown;
    return { items: undefined, missing: { resource, namespace, cause } };
  }
}

function causeOf({ status, refusedBy }: KubeApiError): MissingList['cause'] | undefined {
  if (status === 404) return 'NotServed';
  if (status !== 403) return undefined;
  return refusedBy?.kind === 'rights' ? 'Forbidden' : 'Refused';
}
