/** The longest wait that another service can ask for, milliseconds: a wrong header must not stop work for a day. */
export const longestRetryAfterMs = 300_000;

const delaySeconds = /^\d+(\.\d+)?$/;
/** The one form that a sender may use: https://www.rfc-editor.org/rfc/rfc9110.html#name-date-time-formats */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long the text of a Retry-After header asks to wait, from 0 to `longestRetryAfterMs`; undefined when it is neither
 * seconds nor a date. `now`: the time that a date is compared with, milliseconds since the Unix epoch.
 * https://www.rfc-editor.org/rfc/rfc9110.html#name-retry-after
 */
export function retryAfterMs(text: string | null | undefined, now: number): number | undefined {
  const asked = text?.trim() ?? '';
  if (delaySeconds.test(asked)) return Math.min(Number(asked) * 1000, longestRetryAfterMs);
  const untilDate = httpDate.test(asked) ? Date.parse(asked) - now : Number.NaN;
  return Number.isNaN(untilDate)
    ? undefined
    : Math.max(0, Math.min(untilDate, longestRetryAfterMs));
}
