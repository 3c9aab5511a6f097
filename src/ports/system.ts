/**
 * Time as an argument: the only source of "now" and of delays.
 * Use `now` for dates (an expiry, a condition), `elapsed` and timers for durations (a delay, a pause): a step of the
 * wall clock moves dates only.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. The wall clock can be set, in both directions. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never goes back, and no step of the wall clock moves it. */
  elapsed(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  schedule(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). */
export type Random = () => number;

/** Never holds a value, token or key: names, hosts, codes and counts only. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Guarantees: `message` is a constant; what varies stands in `fields`. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
}
