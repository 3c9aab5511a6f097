import { group } from '../api/meta.ts';
import { KubeApiError, type ListRequest } from '../ports/kube.ts';

/** For a shell, in the folder of this project. */
export const installCrdsCommand = 'kubectl apply --server-side -f crds/';

/** The cluster cannot be worked with; the message says in one line what to change. */
export class PreflightError extends Error {
  override readonly name = 'PreflightError';
}

/** What will be watched. */
export interface Watched {
  readonly resource: string;
  readonly namespace?: string;
  list(request: ListRequest): Promise<unknown>;
}

/**
 * Finds before the start what informers would only repeat for ever; does without when it is stopped.
 * @throws PreflightError about the first that cannot be listed
 */
export async function checkCluster(
  watched: readonly Watched[],
  serverUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const lists = watched.map(async (source) => source.list({ limit: 1, signal }));
  for (const [index, outcome] of (await Promise.allSettled(lists)).entries()) {
    if (signal.aborted || outcome.status === 'fulfilled') continue;
    const cause: unknown = outcome.reason;
    if (!(cause instanceof KubeApiError)) throw cause;
    throw new PreflightError(problemOf(cause, watched[index], serverUrl), { cause });
  }
}

function problemOf(
  { status, message, refusedBy }: KubeApiError,
  { resource, namespace }: Pick<Watched, 'resource' | 'namespace'> = { resource: '' },
  serverUrl: string,
): string {
  switch (status) {
    case 0:
      return `cannot reach the API server ${serverUrl}: ${message}`;
    case 401:
      return `the API server ${serverUrl} does not accept the credentials (status 401)`;
    case 403:
      if (refusedBy?.kind !== 'rights')
        return `the API server ${serverUrl}, or a proxy before it, refuses to list ${resource} (status 403) and names no missing right: its audit log has the reason`;
      return namespace === undefined
        ? `the controller may not list ${resource}: install the chart's ClusterRole, or name namespaces (status 403)`
        : `the controller may not list ${resource} in namespace ${namespace}: install the chart with it among its namespaces (status 403)`;
    case 404:
      return `the CustomResourceDefinition ${resource}.${group} is not installed: install it by the chart (crds.install: true), or by ${installCrdsCommand}`;
    default:
      return `the API server ${serverUrl} does not list ${resource} (status ${status})`;
  }
}
