import type { Figure, Measured } from './figure.ts';

/** So many objects the promises speak of. */
export const promisedObjects = 10_000;
/** Above this 1-minute load average a machine with 2 cores is not ours alone. */
export const loadLimit = 1.5;

/** Under which circumstances a figure was measured. */
export interface Circumstances {
  /** VaultSecrets; undefined where their number changes nothing. */
  readonly objects: number | undefined;
  /** 1-minute load average before. */
  readonly load: number;
}

export interface Verdict {
  readonly met: boolean;
  /** "met", "missed", or why it is neither. */
  readonly text: string;
}

/** Only a figure that was measured as promised is ever met or missed. */
export function judge(
  { promise }: Figure,
  { value }: Measured,
  { objects, load }: Circumstances,
): Verdict {
  const excuses = [
    ...(objects === undefined || objects === promisedObjects
      ? []
      : [`${objects.toLocaleString('en-US')} objects`]),
    ...(load <= loadLimit ? [] : [`load ${load.toFixed(2)}`]),
  ];
  if (excuses.length > 0) return { met: false, text: `not judged: ${excuses.join(', ')}` };
  const met = promise.isKept(value);
  return { met, text: met ? 'met' : 'missed' };
}
