import { createHash } from 'node:crypto';
import { redact } from '../core/redacted.ts';
import type { ScrapeReviewer, ScrapeVerdict } from '../ports/scrapes.ts';
import type { Clock } from '../ports/system.ts';

/**
 * How long a verdict stands. Each Prometheus scrapes each replica a few times a minute, and a review costs the API server
 * two writes: a minute makes that one review, and lets a right that was taken away go in a minute. A refusal stands
 * shortly, because whoever set it up waits for it.
 */
const standsMs = { allowed: 60_000, forbidden: 10_000, unknown: 10_000 } as const;
/** Whoever sends new tokens all the time must neither fill the memory nor keep the API server busy. */
const maxRemembered = 64;
const maxReviews = 4;

/** More callers came at once than are reviewed. */
export class GateBusyError extends Error {
  override readonly name = 'GateBusyError';
}

/** @throws whatever the reviewer throws, GateBusyError */
export type ScrapeGate = (authorization: string | undefined) => Promise<ScrapeVerdict>;

export function createScrapeGate({
  reviewer,
  clock,
}: {
  readonly reviewer: ScrapeReviewer;
  readonly clock: Clock;
}): ScrapeGate {
  /** By digest of the token; the oldest first. */
  const verdicts = new Map<string, { readonly verdict: ScrapeVerdict; readonly untilMs: number }>();
  let reviews = 0;

  async function review(token: string): Promise<ScrapeVerdict> {
    if (reviews >= maxReviews) throw new GateBusyError('too many callers at once');
    reviews += 1;
    try {
      return await reviewer.review(redact(token));
    } finally {
      reviews -= 1;
    }
  }

  function remember(digest: string, verdict: ScrapeVerdict): void {
    verdicts.delete(digest);
    verdicts.set(digest, { verdict, untilMs: clock.now() + standsMs[verdict] });
    const [oldest] = verdicts.keys();
    if (verdicts.size > maxRemembered && oldest !== undefined) verdicts.delete(oldest);
  }

  return async (authorization = '') => {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) return 'unknown';
    const digest = createHash('sha256').update(token).digest('base64');
    const known = verdicts.get(digest);
    if (known !== undefined && clock.now() < known.untilMs) return known.verdict;
    const verdict = await review(token);
    remember(digest, verdict);
    return verdict;
  };
}
