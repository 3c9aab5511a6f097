import { group } from '../api/meta.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { ApiClient } from './request.ts';
import { vaultSecretsPath } from './vaultSecrets.ts';

/** The cluster cannot be worked with; the message says in one line what to change. */
export class PreflightError extends Error {
  override readonly name = 'PreflightError';
}

/** Finds before the start what informers would only repeat for ever. @throws PreflightError */
export async function checkCluster(api: ApiClient, serverUrl: string): Promise<void> {
  try {
    await api.send({ method: 'GET', path: vaultSecretsPath, query: { limit: 1 } });
  } catch (cause) {
    if (!(cause instanceof KubeApiError)) throw cause;
    throw new PreflightError(problemOf(cause, serverUrl), { cause });
  }
}

function problemOf({ status, message }: KubeApiError, serverUrl: string): string {
  switch (status) {
    case 0:
      return `cannot reach the API server ${serverUrl}: ${message}`;
    case 401:
      return `the API server ${serverUrl} does not accept the credentials (status 401)`;
    case 403:
      return `the controller may not list vaultsecrets.${group}: install the chart's ClusterRole (status 403)`;
    case 404:
      return `the CustomResourceDefinition vaultsecrets.${group} is not installed: kubectl apply -f crds/`;
    default:
      return `the API server ${serverUrl} does not list vaultsecrets.${group} (status ${status})`;
  }
}
