import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { DispatcherOptions, KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { someNames } from '../core/someNames.ts';
import type { Clock } from '../ports/system.ts';
import { KubeConfigError, readKubeconfig } from './kubeconfigFile.ts';

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Below the 90 s after which the API server itself closes an idle connection (k8s.io/apiserver, secure_serving.go). */
const keepAliveTimeout = 30_000;

/** To read the files and compare them at each request takes a twentieth of a first sync. */
const freshMs = 1_000;

/** What a request needs besides its path. */
export interface RequestCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/**
 * Where the API server is, and who we are there, on pooled connections: client-node 2.0.1 by itself
 * opens a TLS connection for each request.
 * Guarantees: token and CA files are read again, a second after the last time at the earliest; an exec
 * plug-in runs only when its credential has expired, and once at a time; connections are kept until what
 * they were made with changes.
 */
export class PooledKubeConfig {
  readonly #load: () => KubeConfig;
  readonly #clock: Clock;
  #config: KubeConfig;
  #authenticating: Promise<RequestCredentials> | undefined;
  #fresh: RequestCredentials | undefined;
  #pool: { readonly options: DispatcherOptions; readonly dispatcher: Dispatcher } | undefined;

  constructor(load: () => KubeConfig, clock: Clock) {
    this.#load = load;
    this.#clock = clock;
    this.#config = load();
  }

  /** @throws KubeConfigError */
  serverUrl(): string {
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null)
      throw new KubeConfigError(
        `the kubeconfig has no current context with a cluster${choiceOf(this.#config)}`,
      );
    const { server, skipTLSVerify } = cluster;
    if (!URL.canParse(server))
      throw new KubeConfigError(`the kubeconfig names a server that is no URL: ${server}`);
    if (!server.startsWith('https:') && !skipTLSVerify)
      throw new KubeConfigError(`the kubeconfig names a server without TLS: ${server}`);
    return server;
  }

  /** Of the current context. */
  namespace(): string {
    const context = this.#config.getContextObject(this.#config.getCurrentContext());
    return context?.namespace ?? 'default';
  }

  async credentials(): Promise<RequestCredentials> {
    if (this.#fresh !== undefined) return this.#fresh;
    this.#authenticating ??= this.#authenticate().finally(() => {
      this.#authenticating = undefined;
    });
    return this.#authenticating;
  }

  /** The API server answered 401: whatever was kept of the credentials is read anew. */
  refused(): void {
    this.#fresh = undefined;
    try {
      this.#config = this.#load();
    } catch {
      // Half written or gone for the moment: what we have is no worse.
    }
  }

  async #authenticate(): Promise<RequestCredentials> {
    const request: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(request);
    const credentials = { headers: headersOf(request), dispatcher: this.#dispatcherFor(request) };
    this.#fresh = credentials;
    this.#clock.schedule(freshMs, () => {
      this.#fresh = undefined;
    });
    return credentials;
  }

  #dispatcherFor({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions): Dispatcher {
    const options = this.#config.createDispatcherOptions(this.#config.getCurrentCluster(), {
      ca,
      cert,
      key,
      rejectUnauthorized,
      servername,
    });
    if (this.#pool === undefined || !isDeepStrictEqual(options, this.#pool.options)) {
      // Requests under way on the former connections come to their end.
      this.#pool?.dispatcher.close().catch(() => undefined);
      this.#pool = { options, dispatcher: createDispatcher(options) };
    }
    return this.#pool.dispatcher;
  }
}

function choiceOf(config: KubeConfig): string {
  const names = config.getContexts().map(({ name }) => name);
  return names.length === 0 ? '' : `; it has ${someNames(names)}: kubectl config use-context NAME`;
}

/** HTTP/1.1: with HTTP/2, undici ends every watch of a connection that the server wants to close (GOAWAY). */
function createDispatcher(options: DispatcherOptions): Dispatcher {
  const pooling = { allowH2: false, keepAliveTimeout };
  switch (options.type) {
    case 'none':
      return new Agent(pooling);
    case 'agent':
      return new Agent({ ...pooling, connect: tlsOf(options.connect) });
    case 'proxy':
    case 'socks':
      return new ProxyAgent({
        ...pooling,
        uri: options.uri,
        requestTls: tlsOf(options.requestTls),
      });
  }
}

/** undici has other types for these two, and they are not set. */
function tlsOf<T extends ConnectionOptions>({ port: _port, timeout: _timeout, ...tls }: T) {
  return tls;
}

/** A token file may end in a line break, which no header may hold. */
function headersOf({ headers = {} }: RequestOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value).trim()]),
  );
}

/**
 * The named kubeconfigs, else the pod's own ServiceAccount.
 * @throws KubeConfigError in one line that says which file and what is wrong
 */
export function loadKubeConfig(
  kubeconfigFiles: readonly string[],
  clock: Clock,
  context?: string,
): PooledKubeConfig {
  if (kubeconfigFiles.length === 0 && !existsSync(tokenFile)) {
    throw new KubeConfigError(
      'not in a pod and no kubeconfig named; pass --kubeconfig FILE or set KUBECONFIG',
    );
  }
  const config = new PooledKubeConfig(() => readKubeconfig(kubeconfigFiles, context), clock);
  config.serverUrl();
  return config;
}
