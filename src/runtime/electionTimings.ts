export interface ElectionTimings {
  /** After so long without a change others take over, milliseconds; default 15,000. */
  readonly leaseDurationMs: number;
  /** After so long without a renewal we stop leading, milliseconds; default 10,000. Must be shorter, so that our work ends first. */
  readonly renewDeadlineMs: number;
  /** Between renewals, milliseconds; default 3,000. */
  readonly renewEveryMs: number;
  /** Between tries that failed, and between looks while the Lease cannot be watched, milliseconds; default 1,500. */
  readonly retryMs: number;
  /** For each request, milliseconds; default 4,000. */
  readonly requestTimeoutMs: number;
}

const DEFAULT_TIMINGS: ElectionTimings = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  renewEveryMs: 3_000,
  retryMs: 1_500,
  requestTimeoutMs: 4_000,
};

/** Fills in the defaults. @throws RangeError when two replicas could lead at once, or none for long. */
export function electionTimings(given: Partial<ElectionTimings> = {}): ElectionTimings {
  const timings = { ...DEFAULT_TIMINGS, ...given };
  const { leaseDurationMs, renewDeadlineMs, renewEveryMs, requestTimeoutMs } = timings;
  if (renewDeadlineMs >= leaseDurationMs) {
    throw new RangeError('The renew deadline must be shorter than the lease duration');
  }
  if (Math.max(renewEveryMs, 2 * requestTimeoutMs) >= renewDeadlineMs) {
    throw new RangeError('The renew deadline must leave time for a renewal and for two requests');
  }
  return timings;
}
