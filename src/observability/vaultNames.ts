import type { Clock } from '../ports/system.ts';

/** Tenants name vaults: so many have series of their own, all further ones are counted together. */
export const mostVaults = 200;
export const otherVaults = 'other';
/** A vault that was not asked for so long gives up its name when another needs one, milliseconds. */
const staysMs = 3_600_000;

interface Named {
  usedMs: number;
  /** The pairs of operation and code that it has series of. */
  readonly seen: Map<string, readonly [operation: string, code: string]>;
}

/**
 * Which vaults are named in labels. Names age out, so that a tenant who names hundreds of vaults takes the names from
 * nobody for good; and not before an hour, so that series do not come and go with each request.
 */
export class VaultNames {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #drop: (vault: string, seen: Iterable<readonly [string, string]>) => void;
  /** The least recently used first. */
  readonly #named = new Map<string, Named>();

  /** `drop`: takes out the series of a vault. */
  constructor(
    clock: Pick<Clock, 'elapsed'>,
    drop: (vault: string, seen: Iterable<readonly [string, string]>) => void,
  ) {
    this.#clock = clock;
    this.#drop = drop;
  }

  /** Notes a request that was answered; the label to count it under. */
  use(vault: string, operation: string, code: string): string {
    const usedMs = this.#clock.elapsed();
    const named = this.#named.get(vault) ?? this.#admit();
    if (named === undefined) return otherVaults;
    named.usedMs = usedMs;
    named.seen.set(`${operation} ${code}`, [operation, code]);
    this.#named.delete(vault);
    this.#named.set(vault, named);
    return vault;
  }

  labelOf(vault: string): string {
    return this.#named.has(vault) ? vault : otherVaults;
  }

  #admit(): Named | undefined {
    const usedMs = this.#clock.elapsed();
    const [oldest] = this.#named;
    if (this.#named.size >= mostVaults && oldest !== undefined) {
      const [vault, { usedMs: lastMs, seen }] = oldest;
      if (usedMs - lastMs < staysMs) return undefined;
      this.#named.delete(vault);
      this.#drop(vault, seen.values());
    }
    return { usedMs, seen: new Map() };
  }
}
