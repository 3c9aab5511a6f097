import { interned } from '../interned.ts';

/** The last second that RFC 3339 can write, which a status must: the end of the year 9999. */
export const lastSecond = 253_402_300_799;

/** Whole seconds since the Unix epoch; what lies beyond the last second is shown as that. */
export function rfc3339(seconds: number): string {
  const date = new Date(Math.min(seconds, lastSecond) * 1000);
  return interned(date.toISOString().replace('.000Z', 'Z'));
}
