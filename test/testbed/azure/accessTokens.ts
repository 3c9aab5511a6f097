import { Buffer } from 'node:buffer';
import { generateKeyPairSync, randomBytes, sign, verify, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import type { Application } from './entraDirectory.ts';

const claimsSchema = z.object({
  aud: z.string(),
  iss: z.string(),
  nbf: z.number(),
  exp: z.number(),
  appid: z.string(),
  oid: z.string(),
  tid: z.string(),
  xms_mirid: z.string().optional(),
  xms_az_rid: z.string().optional(),
});
const headerSchema = z.object({ kid: z.string() });

export type AccessTokenClaims = z.infer<typeof claimsSchema>;

export type TokenVerdict =
  | { kind: 'valid'; claims: AccessTokenClaims }
  | { kind: 'malformed' }
  | { kind: 'unknownKey'; encodedHeader: string }
  | { kind: 'expired' };

/** Signs access tokens as Entra ID does (v1 claims, RS256) and verifies them for Key Vault. */
export interface AccessTokens {
  issue(application: Application, resource: string, lifeSeconds: number): string;
  /** Tokens verified before are told from memory: Key Vault's hot path. */
  check(token: string): TokenVerdict;
  publicKeys(): { keys: JsonWebKey[] };
}

const verifiedTokensKept = 20_000;

export function createAccessTokens(now: () => number): AccessTokens {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(20).toString('base64url');
  const header = encodePart({ typ: 'JWT', alg: 'RS256', x5t: kid, kid });
  const verified = new Map<string, AccessTokenClaims>();

  function verifyAnew(token: string): AccessTokenClaims | TokenVerdict {
    const [encodedHeader = '', payload = '', signature = '', ...rest] = token.split('.');
    const parsedHeader = decodePart(encodedHeader, headerSchema);
    const claims = decodePart(payload, claimsSchema);
    if (parsedHeader === undefined || claims === undefined || rest.length > 0) {
      return { kind: 'malformed' };
    }
    const signed = Buffer.from(`${encodedHeader}.${payload}`);
    const isOurs =
      parsedHeader.kid === kid &&
      verify('RSA-SHA256', signed, pair.publicKey, Buffer.from(signature, 'base64url'));
    if (!isOurs) return { kind: 'unknownKey', encodedHeader };
    if (verified.size >= verifiedTokensKept) verified.clear();
    verified.set(token, claims);
    return claims;
  }

  return {
    issue(application, resource, lifeSeconds) {
      const payload = encodePart(claimsFor(application, resource, [now(), lifeSeconds]));
      const signed = `${header}.${payload}`;
      const signature = sign('RSA-SHA256', Buffer.from(signed), pair.privateKey);
      return `${signed}.${signature.toString('base64url')}`;
    },
    check(token) {
      const claims = verified.get(token) ?? verifyAnew(token);
      if ('kind' in claims) return claims;
      return claims.exp * 1000 <= now() ? { kind: 'expired' } : { kind: 'valid', claims };
    },
    publicKeys: () => ({
      keys: [{ ...pair.publicKey.export({ format: 'jwk' }), use: 'sig', kid, x5t: kid }],
    }),
  };
}

function claimsFor(
  application: Application,
  resource: string,
  [issuedAtMs, lifeSeconds]: readonly [number, number],
): object {
  const issuedAt = Math.floor(issuedAtMs / 1000);
  const issuer = `https://sts.windows.net/${application.tenantId}/`;
  return {
    aud: resource,
    iss: issuer,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifeSeconds,
    appid: application.clientId,
    appidacr: '2',
    idp: issuer,
    oid: application.objectId,
    sub: application.objectId,
    tid: application.tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '1.0',
    // Of the identity, or of the host that the system assigned it to: seen in tokens for Key Vault.
    ...(application.kind === 'application' ? {} : { xms_mirid: application.resourceId }),
    ...(application.hostResourceId === undefined ? {} : { xms_az_rid: application.hostResourceId }),
  };
}

function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodePart<T>(part: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
