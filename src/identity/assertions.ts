import { z } from 'zod';
import { tokenExchangeAudience } from '../api/meta.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import type { FederatedIdentity, WorkloadIdentity } from '../core/observed/identity.ts';
import { redact, reveal, type Redacted } from '../core/redacted.ts';
import { admissionError, rightDetails } from '../core/errors/refusedBy.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { ServiceAccountToken, ServiceAccountTokenClient } from '../ports/secrets.ts';
import type { Clock } from '../ports/system.ts';
import { createExpiringCache } from './expiringCache.ts';
import { payloadOf } from './tokenPayload.ts';

const lifeSeconds = 3600;

export interface Assertion extends ServiceAccountToken {
  /** Issuer and subject as the token says them: what a federated credential must match. */
  readonly issuer: string;
  readonly subject: string;
}

export interface AssertionSource {
  /** @throws ReconcileError of the codes VS12x and of admission */
  acquire(identity: FederatedIdentity): Promise<Assertion>;
  /** Microsoft Entra ID did not take the last one. */
  forget(identity: FederatedIdentity): void;
}

export interface AssertionOptions {
  readonly clock: Clock;
  /** Of the tokens of ServiceAccounts of namespaces; that of the controller's own is the kubelet's to know. */
  readonly audience?: string;
}

/** The file that the kubelet renews with the token of the controller's own pod. @throws Error */
export type ReadTokenFile = () => Promise<string>;

/**
 * Tokens of ServiceAccounts for the exchange at Microsoft Entra ID: those of namespaces are kept by
 * ServiceAccount uid, the controller's own is read from its file each time.
 */
export function createAssertionSource(
  tokens: ServiceAccountTokenClient,
  readTokenFile: ReadTokenFile,
  { clock, audience = tokenExchangeAudience }: AssertionOptions,
): AssertionSource {
  const cache = createExpiringCache<Assertion>(clock);
  const keyOf = ({ namespace, serviceAccountUid }: WorkloadIdentity): string =>
    [namespace, serviceAccountUid, audience].join('|');
  return {
    acquire: (identity) =>
      identity.kind === 'workloadIdentity'
        ? cache.get(keyOf(identity), async () => request(tokens, identity, audience))
        : ownAssertion(readTokenFile),
    forget(identity) {
      if (identity.kind === 'workloadIdentity') cache.forget(keyOf(identity));
    },
  };
}

/** @throws ReconcileError ControllerTokenUnreadable */
export async function ownAssertion(readTokenFile: ReadTokenFile): Promise<Assertion> {
  try {
    const token: Redacted<string> = redact((await readTokenFile()).trim());
    const { iss: issuer, sub: subject, exp } = ownClaimsSchema.parse(payloadOf(reveal(token)));
    return { token, issuer, subject, expiresAt: exp * 1_000 };
  } catch (thrown) {
    const cause = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'no token';
    throw new ReconcileError('ControllerTokenUnreadable', { details: { cause } });
  }
}

async function request(
  tokens: ServiceAccountTokenClient,
  identity: WorkloadIdentity,
  audience: string,
): Promise<Assertion> {
  const { namespace, serviceAccountName: name, serviceAccountUid: uid } = identity;
  try {
    const answer = await tokens.request({
      namespace,
      name,
      uid,
      audience,
      expirationSeconds: lifeSeconds,
    });
    const claims = boundClaimsSchema.parse(payloadOf(reveal(answer.token)));
    // An older API server may answer for a ServiceAccount that was made again under the same name.
    if (claims['kubernetes.io'].serviceaccount.uid !== uid)
      throw new KubeApiError({ status: 409, reason: 'Conflict', message: 'uid' });
    return { ...answer, issuer: claims.iss, subject: claims.sub };
  } catch (cause) {
    throw tokenRequestError(cause, identity);
  }
}

const noAnswer = { status: 0, refusedBy: undefined, retryAfterMs: undefined };

function tokenRequestError(cause: unknown, identity: WorkloadIdentity): ReconcileError {
  const { namespace, serviceAccountName: serviceAccount } = identity;
  const answer = cause instanceof KubeApiError ? cause : noAnswer;
  const attempt = { namespace, what: `a token of ServiceAccount ${serviceAccount}` };
  const refused = admissionError(answer, attempt, cause);
  if (refused !== undefined) return refused;
  const { status, retryAfterMs, refusedBy } = answer;
  const options = { retryAfterMs, cause };
  const details = { namespace, serviceAccount, status, ...rightDetails(refusedBy, 'create') };
  const reason = status === 403 ? 'TokenRequestForbidden' : 'TokenRequestRefused';
  return new ReconcileError(reason, { ...options, details });
}

const claimsSchema = z.object({ iss: z.string(), sub: z.string() });
const ownClaimsSchema = claimsSchema.extend({ exp: z.number() });

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims */
const boundClaimsSchema = claimsSchema.extend({
  'kubernetes.io': z.object({ serviceaccount: z.object({ uid: z.string() }) }),
});
