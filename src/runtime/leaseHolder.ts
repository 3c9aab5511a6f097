import { KubeApiError, type Lease, type LeaseClient } from '../ports/kube.ts';
import type { Clock } from '../ports/system.ts';
import { withDeadline } from './deadline.ts';
import type { ElectionTimings } from './electionTimings.ts';
import type { LeaseView } from './leaseView.ts';

export interface HolderDeps {
  readonly client: LeaseClient;
  readonly identity: string;
  readonly clock: Clock;
  readonly view: LeaseView;
  readonly timings: ElectionTimings;
}

/** Reads and writes the Lease in the name of one replica. Every write is fenced by the resourceVersion that it rests on. */
export class LeaseHolder {
  readonly #deps: HolderDeps;
  /** As last read or answered; `undefined`: absent, or to be read before the next write. */
  #lease: Lease | undefined;
  #mayHold = false;

  constructor(deps: HolderDeps) {
    this.#deps = deps;
  }

  /** Of the last known Lease. */
  get resourceVersion(): string {
    return this.#lease?.resourceVersion ?? '';
  }

  /** The Lease was to be taken, and no answer came: it may be ours. */
  get mayHold(): boolean {
    return this.#mayHold;
  }

  /** Reads the Lease and takes it when it is free; whether it is ours now. */
  async take(signal: AbortSignal): Promise<boolean> {
    const { view, identity } = this.#deps;
    this.#lease = await this.#read(signal);
    view.observe(this.#lease);
    this.#mayHold = view.isFree || this.#lease?.holder === identity;
    if (!this.#mayHold) return false;
    try {
      await this.#write(this.#lease, identity, signal);
      this.#mayHold = false;
      return true;
    } catch (error) {
      if (!isStale(error)) throw error;
      this.#mayHold = false;
      return false;
    }
  }

  /** Whether the Lease is still ours. Throws when that is not known. */
  renew(signal: AbortSignal): Promise<boolean> {
    return this.#rewrite(this.#deps.identity, signal);
  }

  /** Lets another replica take the Lease at once; whether it was ours. */
  async giveBack(signal: AbortSignal): Promise<boolean> {
    if (this.#mayHold) {
      this.#mayHold = false;
      this.#lease = await this.#read(signal);
      if (this.#lease?.holder !== this.#deps.identity) return false;
    }
    return this.#rewrite('', signal);
  }

  async #rewrite(holder: string, signal: AbortSignal): Promise<boolean> {
    const known = this.#lease;
    const lease = known ?? (await this.#read(signal));
    if (lease !== undefined && lease.holder !== '' && lease.holder !== this.#deps.identity) {
      return false;
    }
    try {
      await this.#write(lease, holder, signal);
      return true;
    } catch (error) {
      if (!isStale(error)) throw error;
      // Perhaps an earlier write of ours whose answer was lost: look before it is called lost.
      this.#lease = undefined;
      if (known === undefined) throw error;
      return this.#rewrite(holder, signal);
    }
  }

  #read(signal: AbortSignal): Promise<Lease | undefined> {
    return this.#request(signal, (requestSignal) => this.#deps.client.get(requestSignal));
  }

  async #write(lease: Lease | undefined, holder: string, signal: AbortSignal): Promise<void> {
    const { client, clock, timings } = this.#deps;
    const { holder: previous = '', transitions = 0 } = lease ?? {};
    const write = {
      holder,
      // A released Lease must not hold anybody back, whatever they look at.
      durationSeconds: holder === '' ? 1 : Math.ceil(timings.leaseDurationMs / 1_000),
      transitions: holder === '' || holder === previous ? transitions : transitions + 1,
      renewTimeMs: clock.now(),
    };
    this.#lease = await this.#request(signal, (requestSignal) =>
      lease === undefined
        ? client.create(write, requestSignal)
        : client.update(lease.resourceVersion, write, requestSignal),
    );
  }

  #request<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timings } = this.#deps;
    const timeoutMs = timings.requestTimeoutMs;
    return withDeadline({ clock, timeoutMs, signal }, work);
  }
}

/** The Lease changed, came or went since it was read. */
function isStale(error: unknown): boolean {
  return error instanceof KubeApiError && (error.status === 409 || error.status === 404);
}
