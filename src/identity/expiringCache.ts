import type { Clock } from '../ports/system.ts';

export interface Expiring {
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

interface Entry<T> {
  readonly value: T;
  readonly refreshAt: number;
}

interface Flight<T> {
  readonly value: Promise<T>;
  readonly startedAt: number;
}

/** Of its life, what passes before a new one is fetched ahead of expiry. */
const refreshShare = 0.8;
/** A value this close to its end may expire on the way. */
const marginMs = 30_000;
/** After a renewal ahead of expiry failed. */
const retryMs = 30_000;
/** A load that has lasted so long holds no more of those who wait for it. */
const patienceMs = 2_000;

/**
 * Values that expire, by a total key that is safe to log.
 * Guarantees: one load a key at a time; from 80 % of its life on a value is renewed in the background
 * while the old one still serves; an expired or refused value is never given out; a failure is shared
 * with whoever asks again too soon.
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
  /** What those get who are kept waiting by a load that somebody else began. */
  tooSlow(): Error;
}

const strict: FailurePolicy = { holdMsOf: () => 0, tooSlow: () => new Error('a load is too slow') };

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
  readonly #loading = new Map<string, Flight<T>>();
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
      this.#entries.delete(key);
      return this.#loadOnce(key, load);
    }
    const isSpent = entry.value.expiresAt - marginMs <= now || !accepts(entry.value);
    if (isSpent) return this.#loadOnce(key, load);
    if (entry.refreshAt <= now) this.#renewAhead(key, entry, load);
    return entry.value;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  #loadOnce(key: string, load: () => Promise<T>): Promise<T> {
    const running = this.#loading.get(key);
    if (running !== undefined) return this.#follow(running);
    return this.#failures.get(key) ?? this.#start(key, load);
  }

  async #follow({ value, startedAt }: Flight<T>): Promise<T> {
    const landed = new AbortController();
    const leftMs = Math.max(startedAt + patienceMs - this.#clock.now(), 0);
    const late = this.#clock.sleep(leftMs, landed.signal).then((): never => {
      throw this.#policy.tooSlow();
    });
    try {
      return await Promise.race([value, late]);
    } finally {
      landed.abort(new Error('The flight has landed'));
    }
  }

  #renewAhead(key: string, entry: Entry<T>, load: () => Promise<T>): void {
    this.#entries.set(key, { ...entry, refreshAt: this.#clock.now() + retryMs });
    // The value that still serves outlives a failed renewal.
    this.#loadOnce(key, load).catch(() => undefined);
  }

  #start(key: string, load: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    const flight = load().finally(() => this.#loading.delete(key));
    this.#loading.set(key, { value: flight, startedAt });
    flight.then(
      (value) => this.#keep(key, value, startedAt),
      (error: unknown) => this.#hold(key, flight, this.#policy.holdMsOf(error)),
    );
    return flight;
  }

  #keep(key: string, value: T, startedAt: number): void {
    for (const [old, entry] of this.#entries) {
      if (entry.value.expiresAt <= startedAt) this.#entries.delete(old);
    }
    const refreshAt = startedAt + (value.expiresAt - startedAt) * refreshShare;
    this.#entries.set(key, { value, refreshAt });
  }

  #hold(key: string, failure: Promise<T>, holdMs: number): void {
    if (holdMs <= 0) return;
    this.#failures.set(key, failure);
    this.#clock.schedule(holdMs, () => this.#failures.delete(key));
  }
}
