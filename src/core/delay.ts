declare const brand: unique symbol;

/** Milliseconds until the next look, never zero: only `delay` makes one, so that no look can follow another in circles. */
export type Delay = number & { readonly [brand]: 'Delay' };

/** What is due already and was not settled by looking is looked at again after this time. */
const overdueMs = 1_000;

/** What lies ahead is waited for to the millisecond; what does not gets a pause. */
export function delay(ms: number): Delay {
  const wholeMs = Math.ceil(ms);
  return isAhead(wholeMs) ? wholeMs : delay(overdueMs);
}

function isAhead(ms: number): ms is Delay {
  return ms > 0;
}
