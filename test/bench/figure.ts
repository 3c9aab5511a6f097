import type { Bench } from './benchRun.ts';

/** What design promises of a figure. */
export interface Promised {
  /** As it is printed, for example "< 200". */
  readonly text: string;
  readonly isKept: (value: number) => boolean;
}

export interface Figure {
  readonly unit: 'ratio' | 'ms' | 's' | 'MB' | 'KB' | 'writes' | 'reads';
  readonly promise: Promised;
}

export interface Measured {
  readonly value: number;
  /** Smallest and largest of the runs whose median the value is. */
  readonly spread?: readonly [number, number];
  /** What a reader of the number must know. */
  readonly note?: string;
}

/** Figures that come from one run, by their ids. */
export interface Measurement<Id extends string = string> {
  readonly figures: Readonly<Record<Id, Figure>>;
  /** False where `--objects` changes nothing. */
  readonly isScaled: boolean;
  /** @throws Error when they cannot be measured */
  measure(bench: Bench): Promise<Readonly<Record<Id, Measured>>>;
}

export const below = (limit: number): Promised => ({
  text: `< ${format(limit)}`,
  isKept: (value) => value < limit,
});

export const atMost = (limit: number): Promised => ({
  text: `≤ ${format(limit)}`,
  isKept: (value) => value <= limit,
});

export const atLeast = (limit: number): Promised => ({
  text: `≥ ${format(limit)}`,
  isKept: (value) => value >= limit,
});

export const none: Promised = { text: '0', isKept: (value) => value === 0 };

function format(limit: number): string {
  return limit.toLocaleString('en-US');
}
