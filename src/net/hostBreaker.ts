import type { NetMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';

/** Fewer than there are workers, so that one silent host cannot hold them all. */
const maxUnanswered = 8;
/** A host that has said nothing for so long is waited for by nobody else. */
const silenceMs = 500;
/** The last part of it, in which answers are read that only waited for our own busy event loop. */
const hearingMs = 50;
/** Failures in a row after which a host is left alone for a while: one or two happen to the best. */
const maxFailures = 5;
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;
/** Longer than whoever still needs a host waits between two tries: nobody asks for a misspelt name that was corrected. */
const forgottenMs = 600_000;

/** Nothing was sent: the host does not answer anybody for the moment. The cause is how it failed last, if it did. */
export class NotAnsweringError extends Error {
  override readonly name = 'NotAnsweringError';
  readonly code = 'NOT_ANSWERING';
}

/**
 * Keeps a host that hangs or is down from costing the requests to all others.
 * Guarantees: few requests wait for a host that has not answered since they began; one that keeps
 * failing gets a single request at a time, after pauses that double.
 */
export interface HostBreaker {
  /** `exchange` resolves with whatever answer, rejects without one. @throws NotAnsweringError */
  run<T>(hostname: string, exchange: () => Promise<T>): Promise<T>;
}

export function createHostBreaker(clock: Clock, metrics: NetMetrics): HostBreaker {
  const hosts = new Map<string, Host>();
  return {
    async run(hostname, exchange) {
      const host =
        hosts.get(hostname) ??
        new Host(clock, {
          state: (isOpen) => metrics.breaker(hostname, isOpen),
          idle: () => hosts.delete(hostname),
        });
      hosts.set(hostname, host);
      return await host.run(exchange);
    },
  };
}

interface HostEvents {
  state(isOpen: boolean): void;
  /** Nothing needs to be remembered: the host is healthy, or nobody asks for it any more. */
  idle(): void;
}

/** Times are timers, which no step of the wall clock moves. */
class Host {
  readonly #clock: Clock;
  readonly #on: HostEvents;
  /** Whoever is inside `run`. */
  #users = 0;
  /** Requests under way that began after the last answer. */
  #unanswered = 0;
  /** Tells which requests began before an answer. */
  #answers = 0;
  #isSilent = false;
  #cancelSilence: () => void = () => {};
  /** Without an answer between. */
  #failures = 0;
  #lastFailure: unknown;
  #isPaused = false;
  #pauseMs = firstPauseMs;
  #cancelForgetting: () => void = () => {};
  /** Wakes those who wait until others are answered. */
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, on: HostEvents) {
    this.#clock = clock;
    this.#on = on;
  }

  async run<T>(exchange: () => Promise<T>): Promise<T> {
    this.#cancelForgetting();
    this.#users += 1;
    try {
      while (!this.#mayBegin()) await new Promise<void>((wake) => this.#waiting.add(wake));
      return await this.#watch(exchange);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#left();
    }
  }

  #left(): void {
    if (this.#failures === 0) return this.#on.idle();
    this.#cancelForgetting = this.#clock.schedule(forgottenMs, () => {
      if (this.#failures >= maxFailures) this.#on.state(false);
      this.#on.idle();
    });
  }

  /** @throws NotAnsweringError when it is not worth waiting */
  #mayBegin(): boolean {
    const isFailing = this.#failures >= maxFailures;
    if (this.#isPaused || (isFailing && this.#unanswered > 0) || this.#isCrowded())
      throw new NotAnsweringError('the host does not answer', { cause: this.#lastFailure });
    return this.#unanswered < maxUnanswered;
  }

  #isCrowded(): boolean {
    return this.#isSilent && this.#unanswered >= maxUnanswered;
  }

  async #watch<T>(exchange: () => Promise<T>): Promise<T> {
    const begun = this.#answers;
    this.#unanswered += 1;
    if (this.#unanswered === 1) this.#listen();
    try {
      const answer = await exchange();
      this.#answered();
      return answer;
    } catch (thrown) {
      this.#failed(begun, thrown);
      throw thrown;
    }
  }

  #listen(): void {
    this.#isSilent = false;
    this.#cancelSilence = this.#clock.schedule(silenceMs - hearingMs, () => {
      this.#cancelSilence = this.#clock.schedule(hearingMs, () => {
        this.#isSilent = true;
        this.#wakeAll();
      });
    });
  }

  #answered(): void {
    if (this.#failures >= maxFailures) this.#on.state(false);
    this.#answers += 1;
    this.#unanswered = 0;
    this.#cancelSilence();
    this.#failures = 0;
    this.#lastFailure = undefined;
    this.#pauseMs = firstPauseMs;
    this.#wakeAll();
  }

  #failed(begun: number, thrown: unknown): void {
    this.#lastFailure = thrown;
    if (begun === this.#answers) this.#unanswered -= 1;
    if (this.#unanswered === 0) this.#cancelSilence();
    this.#failures += 1;
    // Requests that fail together are one failure.
    if (this.#failures >= maxFailures && !this.#isPaused) this.#pause();
    this.#wakeAll();
  }

  #pause(): void {
    this.#on.state(true);
    this.#isPaused = true;
    this.#clock.schedule(this.#pauseMs, () => {
      this.#isPaused = false;
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
