import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { redact } from '../../../src/core/redacted.ts';
import type { ServiceAccountTokenClient } from '../../../src/ports/secrets.ts';
import { startFakeTlsServer } from '../net/fakeTlsServer.ts';

export const issuer = 'https://issuer.example';

export interface TokenChange {
  readonly issuer?: string;
  readonly keyId?: string;
  /** Signed by a key that nobody publishes. */
  readonly isForged?: true;
  /** How long ago it was issued. */
  readonly ageSeconds?: number;
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** Signs ServiceAccount tokens and publishes the key, as an API server does. */
export async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const forger = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const server = await startFakeTlsServer();
  server.answer = ({ url }, response) => {
    const document = { issuer, jwks_uri: `${issuer}/keys` };
    response.end(JSON.stringify(url === '/keys' ? { keys: [key] } : document));
  };
  const tokens = (changes: TokenChange | (() => TokenChange) = {}): ServiceAccountTokenClient => ({
    async request({ namespace, name, uid, audience, expirationSeconds }) {
      const change = typeof changes === 'function' ? changes() : changes;
      const now = Math.floor(Date.now() / 1000) - (change.ageSeconds ?? 0);
      const token = await new SignJWT({
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      })
        .setProtectedHeader({ alg: 'RS256', kid: change.keyId ?? 'k1' })
        .setIssuer(change.issuer ?? issuer)
        .setSubject(`system:serviceaccount:${namespace}:${name}`)
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + expirationSeconds)
        .sign(change.isForged === true ? forger.privateKey : privateKey);
      return { token: redact(token), expiresAt: (now + expirationSeconds) * 1000 };
    },
  });
  return { port: server.port, tokens, close: () => server.close() };
}
