import { existsSync } from 'node:fs';
import { HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';

/** What a request needs besides its path. */
export interface RequestCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher | undefined;
}

/**
 * client-node 2.0.1 opens a TLS connection for each request, because it makes an undici Agent each time.
 * Here the first one is kept; credentials (exec plug-ins, token files, OIDC) are still applied at each request.
 */
export class PooledKubeConfig extends KubeConfig {
  #dispatcher: Dispatcher | undefined;

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    this.#dispatcher ??= context.getDispatcher();
    if (this.#dispatcher !== undefined) context.setDispatcher(this.#dispatcher);
  }

  async credentials(): Promise<RequestCredentials> {
    const context = new RequestContext(this.serverUrl(), HttpMethod.GET);
    await this.applySecurityAuthentication(context);
    return { headers: context.getHeaders(), dispatcher: context.getDispatcher() };
  }

  serverUrl(): string {
    const cluster = this.getCurrentCluster();
    if (cluster === null)
      throw new KubeConfigError('the kubeconfig has no current context with a cluster');
    return cluster.server;
  }
}

export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/**
 * The named kubeconfig, else the pod's own ServiceAccount.
 * @throws KubeConfigError in one line that says which file and what is wrong
 */
export function loadKubeConfig(kubeconfigFile: string | undefined): PooledKubeConfig {
  const config = new PooledKubeConfig();
  if (kubeconfigFile === undefined) {
    if (!existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token')) {
      throw new KubeConfigError(
        'not in a pod and no kubeconfig named; pass --kubeconfig FILE or set KUBECONFIG',
      );
    }
    config.loadFromCluster();
    return config;
  }
  try {
    config.loadFromFile(kubeconfigFile);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new KubeConfigError(`cannot read kubeconfig ${kubeconfigFile}: ${problem}`, { cause });
  }
  config.serverUrl();
  return config;
}
