import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { Agent, buildConnector, request } from 'undici';
import { z } from 'zod';

/** How to reach an OpenID issuer that does not answer on its public name, such as a test cluster. */
export interface IssuerAccess {
  issuer: string;
  /** host:port to connect to instead of the host in the issuer's URLs. */
  address?: string;
  caFile?: string;
  bearerTokenFile?: string;
}

export type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Signing keys of OpenID issuers, found by discovery and kept until a key is asked that they lack. */
export interface IssuerKeys {
  keysOf(issuer: string): Promise<KeySet>;
  refresh(issuer: string): Promise<KeySet>;
  register(access: IssuerAccess): void;
  close(): Promise<void>;
}

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

export function createIssuerKeys(accesses: readonly IssuerAccess[]): IssuerKeys {
  const registered = new Map(accesses.map((access) => [access.issuer, access]));
  const agents = new Map<string, Promise<Agent>>();
  const keys = new Map<string, Promise<KeySet>>();

  function agentFor(access: IssuerAccess): Promise<Agent> {
    const known = agents.get(access.issuer) ?? createAgent(access);
    agents.set(access.issuer, known);
    return known;
  }

  async function getJson(url: string, access: IssuerAccess): Promise<unknown> {
    if (!url.startsWith('https://')) throw new Error(`${url} is not an https address`);
    const dispatcher = await agentFor(access);
    const token = access.bearerTokenFile && (await readFile(access.bearerTokenFile, 'utf8')).trim();
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const { statusCode, body } = await request(url, { dispatcher, headers });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
    return JSON.parse(text);
  }

  async function discover(issuer: string): Promise<KeySet> {
    const access = registered.get(issuer) ?? { issuer };
    const documentUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = discoverySchema.parse(await getJson(documentUrl, access));
    if (document.issuer !== issuer) throw new Error(`${documentUrl} names ${document.issuer}`);
    const keySet: JSONWebKeySet = keySetSchema.parse(await getJson(document.jwks_uri, access));
    return createLocalJWKSet(keySet);
  }

  function refresh(issuer: string): Promise<KeySet> {
    const found = discover(issuer);
    keys.set(issuer, found);
    found.catch(() => keys.delete(issuer));
    return found;
  }

  return {
    keysOf: (issuer) => keys.get(issuer) ?? refresh(issuer),
    refresh,
    register(access) {
      registered.set(access.issuer, access);
      agents.delete(access.issuer);
      keys.delete(access.issuer);
    },
    async close() {
      await Promise.all([...agents.values()].map(async (agent) => (await agent).destroy()));
    },
  };
}

/** Connects to `address` while names and certificates stay those of the URL. */
async function createAgent(access: IssuerAccess): Promise<Agent> {
  const ca = access.caFile === undefined ? undefined : await readFile(access.caFile, 'utf8');
  const connector = buildConnector({ allowH2: false, ...(ca === undefined ? {} : { ca }) });
  const target = access.address === undefined ? undefined : new URL(`https://${access.address}`);
  return new Agent({
    connect(options, callback) {
      if (target === undefined) return connector(options, callback);
      const servername = isIP(options.hostname) ? {} : { servername: options.hostname };
      const { hostname, port } = target;
      return connector({ ...options, ...servername, hostname, port: port || '443' }, callback);
    },
  });
}
