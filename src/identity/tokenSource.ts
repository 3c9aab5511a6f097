import { ReconcileError } from '../core/errors/errors.ts';
import { identityKey, type Identity } from '../core/observed/identity.ts';
import type { AccessToken, TokenRequest, TokenSource } from '../ports/azure.ts';
import type { TokenMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { noAnswerError } from './entraErrors.ts';
import { createExpiringCache } from './expiringCache.ts';

/** How one kind of identity proves itself, each time anew. @throws ReconcileError of the identity codes */
export type Exchange<Of extends Identity = Identity> = (
  request: TokenRequest & { readonly identity: Of },
) => Promise<AccessToken>;

export interface TokenSourceDeps {
  readonly exchange: Exchange;
  /** For example https://login.microsoftonline.com */
  readonly authorityHost: string;
  readonly clock: Clock;
  readonly metrics: TokenMetrics;
}

/** All that read with one identity fail together, and Entra answers a loop of equal requests with AADSTS50196. */
const failureHoldMs = 5_000;
const longestHoldMs = 60_000;

/**
 * Guarantees: a token is kept under everything that decides whom it speaks for; one exchange a key at a time.
 */
export function createTokenSource(deps: TokenSourceDeps): TokenSource {
  const { authorityHost, clock } = deps;
  const tooSlow = (): Error => noAnswerError('NOT_ANSWERING', { authorityHost });
  const cache = createExpiringCache<AccessToken>(clock, { holdMsOf, tooSlow });
  return {
    async acquire(request) {
      const key = [identityKey(request.identity), authorityHost, request.scope].join('|');
      return cache.get(key, async () => counted(deps, request), request.refused?.token);
    },
  };
}

function holdMsOf(error: unknown): number {
  const asked = error instanceof ReconcileError ? error.retryAfterMs : undefined;
  return Math.min(Math.max(asked ?? 0, failureHoldMs), longestHoldMs);
}

async function counted(
  { exchange, metrics }: TokenSourceDeps,
  request: TokenRequest,
): Promise<AccessToken> {
  const { kind } = request.identity;
  try {
    const token = await exchange(request);
    metrics.requested(kind, 'success');
    metrics.obtained(kind, token.expiresAt);
    return token;
  } catch (thrown) {
    metrics.requested(kind, 'error');
    throw thrown;
  }
}
