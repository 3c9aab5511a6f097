import type { Measured } from '../figure.ts';
import { percentile } from '../statistics.ts';

/** How long one VaultSecret waited. */
export interface Delay {
  /** Of those that were not served: how long they had waited when the measurement ended. */
  readonly ms: number;
  readonly isServed: boolean;
  /** The vault had answered before. */
  readonly isWarm: boolean;
}

/** Their 99th percentile; with delays that were not waited for to the end, a lower bound of it. */
export function summarize(delays: readonly Delay[], ...notes: readonly string[]): Measured {
  const middle = (isWarm: boolean): string[] => {
    const some = delays.filter((delay) => delay.isWarm === isWarm).map(({ ms }) => ms);
    if (some.length === 0) return [];
    const text = `${show(percentile(some, 50))} (${show(Math.max(...some))})`;
    return [`${isWarm ? 'known' : 'new'} vaults ${text}`];
  };
  const unserved = delays.filter(({ isServed }) => !isServed).length;
  const ending = unserved === 0 ? [] : [`${unserved} of ${delays.length} not served in time`];
  const medians = [...middle(true), ...middle(false)].join(', ');
  return {
    value: percentile(
      delays.map(({ ms }) => ms),
      99,
    ),
    note: [`median (largest) of ${medians}`, ...ending, ...notes].join('; '),
  };
}

function show(ms: number): string {
  return Math.round(ms).toLocaleString('en-US');
}
