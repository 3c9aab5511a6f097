import type { Clock } from '../ports/system.ts';

export interface Expiring {
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

interface Entry<T> {
  readonly value: T;
  readonly refreshAt: number;
}

/** Of its life, what passes before a new one is fetched ahead of expiry. */
const refreshShare = 0.8;
/** A value this close to its end may expire on the way. */
const marginMs = 30_000;

/**
 * Values that expire, by a total key that is safe to log.
 * Guarantees: one load a key at a time; from 80 % of its life on a value is renewed in the background
 * while the old one still serves; an expired value is never given out.
 */
export interface ExpiringCache<T extends Expiring> {
  get(key: string, load: () => Promise<T>): Promise<T>;
  /** Loads past the cache, for a service that refused the value it had. */
  renew(key: string, load: () => Promise<T>): Promise<T>;
}

export function createExpiringCache<T extends Expiring>(clock: Clock): ExpiringCache<T> {
  const entries = new Map<string, Entry<T>>();
  const loading = new Map<string, Promise<T>>();

  const forgetExpired = (now: number): void => {
    for (const [key, { value }] of entries) if (value.expiresAt <= now) entries.delete(key);
  };

  const renew = (key: string, load: () => Promise<T>): Promise<T> => {
    const running = loading.get(key);
    if (running !== undefined) return running;
    const started = clock.now();
    forgetExpired(started);
    const promise = load()
      .then((value) => {
        entries.set(key, {
          value,
          refreshAt: started + (value.expiresAt - started) * refreshShare,
        });
        return value;
      })
      .finally(() => loading.delete(key));
    loading.set(key, promise);
    return promise;
  };

  return {
    async get(key, load) {
      const entry = entries.get(key);
      const now = clock.now();
      if (entry === undefined || entry.value.expiresAt - marginMs <= now) return renew(key, load);
      // The value that still serves outlives a failed renewal; the next call tries again.
      if (entry.refreshAt <= now) renew(key, load).catch(() => undefined);
      return entry.value;
    },
    renew,
  };
}
