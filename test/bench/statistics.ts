/** Of sorted or unsorted values; nearest rank, so that a percentile is a value that was measured. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(Math.ceil((percent / 100) * sorted.length), 1);
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('there is no percentile of no values');
  return value;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined)
    throw new RangeError('there is no median of no values');
  return (lower + upper) / 2;
}

/** A figure of several runs: their median, and the smallest and largest. */
export function medianOf(runs: readonly number[]): {
  value: number;
  spread: readonly [number, number];
} {
  return { value: median(runs), spread: [Math.min(...runs), Math.max(...runs)] };
}
