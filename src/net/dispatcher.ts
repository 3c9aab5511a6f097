import { createSecureContext, getCACertificates } from 'node:tls';
import { Agent, buildConnector, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { reveal, type Redacted } from '../core/redacted.ts';
import { findResolveRule, type ResolveRule } from './resolve.ts';

export interface ProxySettings {
  /** May hold a password. */
  readonly url: Redacted<string>;
  /** Hosts that are reached without it, as NO_PROXY lists them. */
  readonly bypass: string;
}

export interface Route {
  readonly resolve: readonly ResolveRule[];
  /** PEM text of further certificate authorities, in addition to Node's own. */
  readonly certificateAuthorities: readonly string[];
  readonly proxy?: ProxySettings | undefined;
}

/**
 * To each host: enough for a vault's full rate at 40 ms, and a burst of reads makes no hundreds of handshakes.
 * An idle connection costs memory, and the front ends of Azure would keep it for two minutes and more.
 */
const pooling = {
  allowH2: false,
  connections: 16,
  keepAliveTimeout: 15_000,
  keepAliveMaxTimeout: 15_000,
} as const;

/** Tells on which connections a host is reached; they are pooled by host, for all who ask. */
export function createDispatchers(route: Route): (hostname: string) => Dispatcher {
  const { resolve, proxy } = route;
  const tls = { allowH2: false, ...trust(route) };
  const direct = new Agent({ ...pooling, connect: resolvingConnector(tls, resolve) });
  if (proxy === undefined) return () => direct;
  const proxied = new EnvHttpProxyAgent({
    ...pooling,
    connect: tls,
    requestTls: tls,
    httpsProxy: reveal(proxy.url),
    noProxy: proxy.bypass,
    // Named so that undici does not look for them in the environment.
    httpProxy: '',
  });
  return (hostname) => (findResolveRule(resolve, hostname) === undefined ? proxied : direct);
}

/** `ca` alone would replace Node's own roots, and those of NODE_EXTRA_CA_CERTS; one context, or each connection would parse them all. */
function trust({ certificateAuthorities }: Route) {
  if (certificateAuthorities.length === 0) return {};
  const ca = [...getCACertificates('default'), ...certificateAuthorities];
  return { secureContext: createSecureContext({ ca }) };
}

/** Name in TLS and in the Host header stay those of the URL. */
function resolvingConnector(
  tls: buildConnector.BuildOptions,
  rules: readonly ResolveRule[],
): buildConnector.connector {
  const connect = buildConnector(tls);
  return (target, callback) => {
    const rule = findResolveRule(rules, target.hostname);
    if (rule === undefined) return connect(target, callback);
    const { address, port } = rule;
    const servername = target.hostname;
    return connect({ ...target, servername, hostname: address, port: String(port) }, callback);
  };
}
