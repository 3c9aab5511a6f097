import type { Redacted } from '../core/redacted.ts';

/** What the API server says of a token: whose it is, and whether they may get /metrics. */
export type ScrapeVerdict = 'allowed' | 'forbidden' | 'unknown';

export interface ScrapeReviewer {
  /** @throws KubeApiError when it cannot be told */
  review(token: Redacted<string>): Promise<ScrapeVerdict>;
}
