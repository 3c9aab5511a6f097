import type { HostHealth } from '../ports/lanes.ts';
import type { Clock } from '../ports/system.ts';

/** Requests under way to one host; as many as it has connections, because a request that waits for one runs out of time. */
const maxUnderWay = 16;
/** Requests under way that began after the last answer. */
const maxUnanswered = 8;
/** Without an answer for so long a host is silent: one that never answered, and one that did. */
const silenceMs = 500;
const provenSilenceMs = 5_000;
/** Failures in a row after which a host is left alone for a while: of one that never answered, and one that did. */
const maxFailures = 2;
const provenMaxFailures = 5;
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;
/** Longer than any retry interval, so state of a host that nothing uses any more expires. */
const forgottenMs = 600_000;

/** Nothing was sent: the host does not answer at the moment. The cause is how it failed last, if it did. */
export class NotAnsweringError extends Error {
  override readonly name = 'NotAnsweringError';
  readonly code = 'NOT_ANSWERING';
}

/** What is used of an AbortSignal; that of the official clients has no reason. */
export type Signal = Pick<AbortSignal, 'aborted' | 'addEventListener' | 'removeEventListener'>;

export interface HostEvents {
  state(isOpen: boolean): void;
  /** It answers, for the first time. */
  proven(): void;
  /** Nothing needs to be remembered: the host is healthy, or nothing asks for it any more. */
  idle(): void;
}

/** One host of the breaker. Times are timers, which no step of the wall clock moves. */
export class Host {
  readonly #clock: Clock;
  readonly #on: HostEvents;
  /** Calls of `run` that have not ended. */
  #users = 0;
  #underWay = 0;
  /** Requests under way that began after the last answer. */
  #unanswered = 0;
  /** Shows which requests began before an answer. */
  #answers = 0;
  #isProven: boolean;
  #isSilent = false;
  #cancelSilence: () => void = () => {};
  /** Without an answer between. */
  #failures = 0;
  #lastFailure: unknown;
  #isPaused = false;
  #pauseMs = firstPauseMs;
  #cancelPause: () => void = () => {};
  #cancelForgetting: () => void = () => {};
  /** Wakes requests that wait for a place. */
  readonly #waiting = new Set<() => void>();

  /** `isProven`: it answered before. */
  constructor(clock: Clock, isProven: boolean, on: HostEvents) {
    this.#clock = clock;
    this.#isProven = isProven;
    this.#on = on;
  }

  get health(): HostHealth {
    if (this.#isFailing) return 'down';
    if (this.#isSilent || this.#failures > 0) return 'silent';
    return this.#isProven ? 'answering' : 'unknown';
  }

  notAnswering(): NotAnsweringError {
    return new NotAnsweringError('the host does not answer', { cause: this.#lastFailure });
  }

  async run<T>(exchange: () => Promise<T>, signal?: Signal): Promise<T> {
    this.#cancelForgetting();
    this.#users += 1;
    try {
      while (!this.#mayBegin()) await this.#place(signal);
      return await this.#watch(exchange);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#left();
    }
  }

  get #isFailing(): boolean {
    return this.#failures >= (this.#isProven ? provenMaxFailures : maxFailures);
  }

  #left(): void {
    if (this.#failures === 0) return this.#on.idle();
    this.#cancelForgetting = this.#clock.schedule(forgottenMs, () => {
      if (this.#isFailing) this.#on.state(false);
      this.#on.idle();
    });
  }

  /** @throws NotAnsweringError when it is not worth waiting */
  #mayBegin(): boolean {
    if (this.#isPaused || (this.#isFailing && this.#unanswered > 0)) throw this.notAnswering();
    return this.#underWay < maxUnderWay && this.#unanswered < maxUnanswered;
  }

  /** Resolves when something has changed. @throws Error when the signal is aborted before */
  async #place(signal: Signal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.#waiting.delete(wake);
        reject(new DOMException('The request was aborted', 'AbortError'));
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(wake);
    });
  }

  async #watch<T>(exchange: () => Promise<T>): Promise<T> {
    const begun = this.#answers;
    this.#underWay += 1;
    this.#unanswered += 1;
    if (this.#unanswered === 1) this.#listen();
    try {
      const answer = await exchange();
      this.#underWay -= 1;
      this.#answered();
      return answer;
    } catch (thrown) {
      this.#underWay -= 1;
      this.#failed(begun, thrown);
      throw thrown;
    }
  }

  #listen(): void {
    this.#isSilent = false;
    this.#cancelSilence();
    const afterMs = this.#isProven ? provenSilenceMs : silenceMs;
    this.#cancelSilence = this.#clock.schedule(afterMs, () => {
      this.#isSilent = true;
    });
  }

  #answered(): void {
    if (this.#isFailing) this.#on.state(false);
    if (!this.#isProven) this.#on.proven();
    this.#isProven = true;
    this.#answers += 1;
    this.#unanswered = 0;
    this.#isSilent = false;
    this.#cancelSilence();
    this.#failures = 0;
    this.#lastFailure = undefined;
    this.#isPaused = false;
    this.#cancelPause();
    this.#pauseMs = firstPauseMs;
    this.#wakeAll();
  }

  #failed(begun: number, thrown: unknown): void {
    this.#lastFailure = thrown;
    if (begun === this.#answers) this.#unanswered -= 1;
    if (this.#unanswered === 0) this.#cancelSilence();
    this.#failures += 1;
    // Requests that fail together are one failure.
    if (this.#isFailing && !this.#isPaused) this.#pause();
    this.#wakeAll();
  }

  #pause(): void {
    this.#on.state(true);
    this.#isPaused = true;
    this.#cancelPause = this.#clock.schedule(this.#pauseMs, () => {
      this.#isPaused = false;
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
