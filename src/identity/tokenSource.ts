import { ReconcileError } from '../core/errors/errors.ts';
import { identityKey, type Identity } from '../core/observed/identity.ts';
import type { AccessToken, ObtainedToken, TokenRequest, TokenSource } from '../ports/azure.ts';
import type { TokenMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { createExpiringCache } from './expiringCache.ts';

/** How one kind of identity proves itself, each time anew. @throws ReconcileError of the identity codes */
export type Exchange<Of extends Identity = Identity> = (
  request: TokenRequest<Of>,
) => Promise<AccessToken>;

export interface TokenSourceDeps<Of extends Identity> {
  readonly exchange: Exchange<Of>;
  readonly clock: Clock;
  readonly metrics: TokenMetrics;
}

/** All that read with one identity fail together, and Entra answers a loop of equal requests with AADSTS50196. */
const failureHoldMs = 5_000;
const longestHoldMs = 60_000;

/**
 * Guarantees: a token is kept under everything that decides whom it speaks for; one exchange a key at a time.
 */
export function createTokenSource<Of extends Identity>(deps: TokenSourceDeps<Of>): TokenSource<Of> {
  const cache = createExpiringCache<ObtainedToken>(deps.clock, { holdMsOf });
  return {
    async acquire(request) {
      const { identity, scope, refused, accepts } = request;
      const key = [identityKey(identity), scope].join('|');
      const demand = { refused: refused?.token, accepts };
      return cache.get(key, async () => counted(deps, request), demand);
    },
  };
}

function holdMsOf(error: unknown): number {
  const asked = error instanceof ReconcileError ? error.retryAfterMs : undefined;
  return Math.min(Math.max(asked ?? 0, failureHoldMs), longestHoldMs);
}

async function counted<Of extends Identity>(
  { exchange, clock, metrics }: TokenSourceDeps<Of>,
  request: TokenRequest<Of>,
): Promise<ObtainedToken> {
  const { kind } = request.identity;
  try {
    const token = await exchange(request);
    metrics.requested(kind, 'success');
    metrics.obtained(kind, token.expiresAt);
    return { ...token, obtainedAt: clock.now() };
  } catch (thrown) {
    metrics.requested(kind, 'error');
    throw thrown;
  }
}
