import { z } from 'zod';
import { tokenExchangeAudience } from '../api/meta.ts';
import { ReconcileError } from '../core/errors.ts';
import type { WorkloadIdentity } from '../core/identity.ts';
import { reveal } from '../core/redacted.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { ServiceAccountToken, ServiceAccountTokenClient } from '../ports/secrets.ts';
import type { Clock } from '../ports/system.ts';
import { createExpiringCache } from './expiringCache.ts';

const lifeSeconds = 3600;

export interface Assertion extends ServiceAccountToken {
  /** Issuer and subject as the token says them: what a federated credential must match. */
  readonly issuer: string;
  readonly subject: string;
}

export interface AssertionSource {
  /** @throws ReconcileError TokenRequestRefused */
  acquire(identity: WorkloadIdentity): Promise<Assertion>;
  /** Microsoft Entra ID did not take the last one. */
  forget(identity: WorkloadIdentity): void;
}

/** Tokens of ServiceAccounts for the exchange at Microsoft Entra ID, kept by ServiceAccount uid. */
export function createAssertionSource(
  tokens: ServiceAccountTokenClient,
  clock: Clock,
): AssertionSource {
  const cache = createExpiringCache<Assertion>(clock);
  return {
    acquire: (identity) => cache.get(keyOf(identity), async () => request(tokens, identity)),
    forget: (identity) => cache.forget(keyOf(identity)),
  };
}

function keyOf({ namespace, serviceAccountUid }: WorkloadIdentity): string {
  return [namespace, serviceAccountUid, tokenExchangeAudience].join('|');
}

async function request(
  tokens: ServiceAccountTokenClient,
  identity: WorkloadIdentity,
): Promise<Assertion> {
  const { namespace, serviceAccountName: name, serviceAccountUid: uid } = identity;
  try {
    const answer = await tokens.request({
      namespace,
      name,
      uid,
      audience: tokenExchangeAudience,
      expirationSeconds: lifeSeconds,
    });
    const claims = claimsOf(reveal(answer.token));
    // An older API server may answer for a ServiceAccount that was made again under the same name.
    if (claims['kubernetes.io'].serviceaccount.uid !== uid)
      throw new KubeApiError({ status: 409, reason: 'Conflict', message: 'uid' });
    return { ...answer, issuer: claims.iss, subject: claims.sub };
  } catch (cause) {
    const { status, retryAfterMs } = cause instanceof KubeApiError ? cause : { status: 0 };
    throw new ReconcileError('TokenRequestRefused', {
      details: { namespace, serviceAccount: name, status },
      retryAfterMs,
      cause,
    });
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims */
const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string(),
  'kubernetes.io': z.object({ serviceaccount: z.object({ uid: z.string() }) }),
});

/** Read, not verified: the token comes straight from the API server. */
function claimsOf(token: string): z.infer<typeof claimsSchema> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return claimsSchema.parse(JSON.parse(payload));
}
