import { createServer } from 'node:https';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

import { createCertificateAuthority } from '../testbed/azure/certificateAuthority.ts';
import type { IssuerAccess } from '../testbed/azure/standIn.ts';

/** An OpenID issuer as a cluster is one: discovery and keys over TLS, tokens for ServiceAccounts. */
export interface TokenIssuer {
  access: IssuerAccess;
  /** A token of the audience, now valid for ten minutes unless the claims say otherwise. */
  sign(subject: string, claims?: JWTPayload): Promise<string>;
  /** Signs with a new key from now on, and publishes only that one. */
  rotate(): Promise<void>;
  /** Signs with a key that is published nowhere, under the id of the one that is. */
  forge(subject: string): Promise<string>;
  /** How often the keys were fetched. */
  readonly fetches: number;
  close(): Promise<void>;
}

export const audience = 'api://AzureADTokenExchange';
const issuer = 'https://oidc.test.example/cluster';

export async function startIssuer(now: () => number): Promise<TokenIssuer> {
  const authority = createCertificateAuthority('issuer CA');
  const directory = await mkdtemp(join(tmpdir(), 'issuer-'));
  const caFile = join(directory, 'ca.crt');
  await writeFile(caFile, authority.certificatePem);
  let current = await newKey('key-1');
  let fetches = 0;
  let keyCount = 1;
  const server = createServer(authority.leaf('oidc.test.example'), (request, response) => {
    const isKeys = request.url?.endsWith('/keys') === true;
    fetches += isKeys ? 1 : 0;
    const body = isKeys
      ? { keys: [{ ...current.publicJwk, kid: current.kid, alg: 'RS256', use: 'sig' }] }
      : { issuer, jwks_uri: `${issuer}/keys` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

  const signWith = (key: CryptoKey, subject: string, claims: JWTPayload): Promise<string> => {
    const seconds = Math.floor(now() / 1000);
    const times = { iat: seconds, nbf: seconds, exp: seconds + 600 };
    return new SignJWT({ iss: issuer, sub: subject, aud: audience, ...times, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: current.kid })
      .sign(key);
  };

  return {
    access: { issuer, address: `127.0.0.1:${port}`, caFile },
    sign: (subject, claims = {}) => signWith(current.privateKey, subject, claims),
    forge: async (subject) => signWith((await newKey('forged')).privateKey, subject, {}),
    async rotate() {
      keyCount += 1;
      current = await newKey(`key-${keyCount}`);
    },
    get fetches() {
      return fetches;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(directory, { recursive: true });
    },
  };
}

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicJwk: object;
}

async function newKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  return { kid, privateKey, publicJwk: await exportJWK(publicKey) };
}
