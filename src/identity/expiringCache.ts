import type { Clock } from '../ports/system.ts';

export interface Expiring {
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

interface Entry<T> {
  readonly value: T;
  readonly refreshAt: number;
  /** Cancels the timer that drops the entry when the value expires. */
  readonly cancelDrop: () => void;
}

/** Of its life, what passes before a new one is fetched ahead of expiry. */
const refreshShare = 0.8;
/** A value this close to its end may expire on the way. */
const marginMs = 30_000;
/** After a renewal ahead of expiry failed. */
const retryMs = 30_000;

/**
 * Values that expire, by a total key that is safe to log.
 * Guarantees: one load a key at a time, and all callers that need it get its result; from 80 % of its life on a value
 * is renewed in the background while the old one still serves; an expired or refused value is never given out, and
 * an expired one is not kept; a failure is shared with every caller that asks again too soon.
 * Assumptions: each load ends, because its requests have deadlines.
 */
export interface ExpiringCache<T extends Expiring> {
  get(key: string, load: () => Promise<T>, demand?: Demand<T>): Promise<T>;
  forget(key: string): void;
}

/** What is asked of a value that is kept already. */
export interface Demand<T> {
  /** Never given out again. */
  readonly refused?: T | undefined;
  /** One that is not accepted serves others until the new one is there. */
  readonly accepts?: ((value: T) => boolean) | undefined;
}

export interface FailurePolicy {
  /** How long a failed load is not tried again. */
  holdMsOf(error: unknown): number;
}

const strict: FailurePolicy = { holdMsOf: () => 0 };

export function createExpiringCache<T extends Expiring>(
  clock: Clock,
  policy: FailurePolicy = strict,
): ExpiringCache<T> {
  return new RefreshingCache(clock, policy);
}

class RefreshingCache<T extends Expiring> implements ExpiringCache<T> {
  readonly #clock: Clock;
  readonly #policy: FailurePolicy;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #loading = new Map<string, Promise<T>>();
  readonly #failures = new Map<string, Promise<T>>();

  constructor(clock: Clock, policy: FailurePolicy) {
    this.#clock = clock;
    this.#policy = policy;
  }

  async get(
    key: string,
    load: () => Promise<T>,
    { refused, accepts = () => true }: Demand<T> = {},
  ): Promise<T> {
    const entry = this.#entries.get(key);
    const now = this.#clock.now();
    if (entry === undefined || entry.value === refused) {
      this.forget(key);
      return this.#loadOnce(key, load);
    }
    const isSpent = entry.value.expiresAt - marginMs <= now || !accepts(entry.value);
    if (isSpent) return this.#loadOnce(key, load);
    if (entry.refreshAt <= now) this.#renewAhead(key, entry, load);
    return entry.value;
  }

  forget(key: string): void {
    this.#entries.get(key)?.cancelDrop();
    this.#entries.delete(key);
  }

  #loadOnce(key: string, load: () => Promise<T>): Promise<T> {
    return this.#loading.get(key) ?? this.#failures.get(key) ?? this.#start(key, load);
  }

  #renewAhead(key: string, entry: Entry<T>, load: () => Promise<T>): void {
    this.#entries.set(key, { ...entry, refreshAt: this.#clock.now() + retryMs });
    // The value that still serves outlives a failed renewal.
    this.#loadOnce(key, load).catch(() => undefined);
  }

  #start(key: string, load: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    const flight = load().finally(() => this.#loading.delete(key));
    this.#loading.set(key, flight);
    flight.then(
      (value) => this.#keep(key, value, startedAt),
      (error: unknown) => this.#hold(key, flight, this.#policy.holdMsOf(error)),
    );
    return flight;
  }

  #keep(key: string, value: T, startedAt: number): void {
    this.forget(key);
    const lifeMs = value.expiresAt - this.#clock.now();
    if (lifeMs <= 0) return;
    const cancelDrop = this.#clock.schedule(lifeMs, () => this.#entries.delete(key));
    const refreshAt = startedAt + (value.expiresAt - startedAt) * refreshShare;
    this.#entries.set(key, { value, refreshAt, cancelDrop });
  }

  #hold(key: string, failure: Promise<T>, holdMs: number): void {
    if (holdMs <= 0) return;
    this.#failures.set(key, failure);
    this.#clock.schedule(holdMs, () => this.#failures.delete(key));
  }
}
