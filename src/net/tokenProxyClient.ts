import { RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { Agent, type Dispatcher } from 'undici';
import type { NetMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { exchange, startDeadline } from './exchange.ts';
import { failureWord } from './failureWord.ts';
import { createHostBreaker } from './hostBreaker.ts';

export interface TokenProxy {
  /** For example https://10.0.0.1:443/proxy */
  readonly url: string;
  /** In TLS, where it is another than the host of the URL. */
  readonly serverName?: string | undefined;
}

export interface TokenProxyClientOptions extends TokenProxy {
  /** PEM; read each time, because it is renewed in place. @throws Error */
  readonly readCertificateAuthorities: () => Promise<string | undefined>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly metrics: NetMetrics;
}

/**
 * The way to the proxy of AKS that gives tokens by identity bindings, in place of Microsoft Entra ID.
 * What WorkloadIdentityCredential of @azure/identity does with `enableAzureProxy`, for tokens that lie in no file:
 * https://learn.microsoft.com/en-us/azure/aks/identity-bindings-concepts
 * Guarantees: TLS only, and to nobody else; no redirect is followed; a failure is a RestError of one short word.
 */
export function createTokenProxyClient(options: TokenProxyClientOptions): HttpClient {
  const { url, timeoutMs, clock, metrics } = options;
  const breaker = createHostBreaker(clock, metrics);
  const dispatcherOf = createDispatchers(options);
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  return {
    async sendRequest(request) {
      try {
        const { pathname, search } = new URL(request.url);
        const target = new URL(`.${pathname}${search}`, base);
        const dispatcher = dispatcherOf(await options.readCertificateAuthorities());
        return await breaker.run(base.hostname, async () => {
          using deadline = startDeadline(clock, timeoutMs, request.abortSignal);
          return await exchange({ ...request, url: target.href }, dispatcher, deadline.signal);
        });
      } catch (thrown) {
        const code = failureWord(thrown);
        throw new RestError(code, { code });
      }
    },
  };
}

/** Connections are kept as long as the certificate authorities stay the same. */
function createDispatchers({ serverName }: TokenProxy): (ca: string | undefined) => Dispatcher {
  let current: { readonly ca: string | undefined; readonly dispatcher: Dispatcher } | undefined;
  return (ca) => {
    if (current?.ca !== ca) current?.dispatcher.close().catch(() => undefined);
    if (current === undefined || current.ca !== ca) {
      const connect = {
        ...(ca === undefined ? {} : { ca }),
        ...(serverName === undefined ? {} : { servername: serverName }),
      };
      current = { ca, dispatcher: new Agent({ allowH2: false, connections: 16, connect }) };
    }
    return current.dispatcher;
  };
}
