import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { ReconcileError } from '../core/errors/errors.ts';
import type { KeyVaultSecret } from '../core/source/keyVaultSecret.ts';
import type { ReadRequest } from '../ports/azure.ts';
import type { KeyVaultMetrics } from '../ports/metrics.ts';
import type { Clock, Random } from '../ports/system.ts';
import { createVaultBudget } from './budget.ts';
import { readDetails } from './errors.ts';
import { SharedCalls } from './sharedCalls.ts';

export interface VaultDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: KeyVaultMetrics;
}

/** A request waits for a pause of the vault, unless it is longer than this: then the key comes back later. */
const longestPauseMs = 10_000;
/**
 * A request that was answered 429 is sent again while the vault still answers others, until it has answered nothing else
 * for so long: longer than the 10 s over which Key Vault counts. A vault that answers nothing but 429 is reported at once.
 */
const longestSilenceMs = 12_000;
const longestTryMs = 60_000;
/** A vault that answered a request so lately throttles in part. */
const partialMs = 500;
/** A request that has not been sent for so long is given up, so that no reconcile looks like one that hangs. */
const longestWaitMs = 120_000;

/** A request that waits for its token. */
interface Waiter {
  /** Of `Clock.elapsed`. */
  readonly askedMs: number;
  go(): void;
  giveUp(reason?: unknown): void;
}

/**
 * All that is known of one vault, shared by all who ask it: its budget, its challenge, the calls under way.
 * Guarantees: requests go in the order in which they were asked for, never faster than the budget allows; what the
 * vault answers 429 is sent again, so that the other reads of the same VaultSecret are not lost.
 */
export class Vault {
  readonly host: string;
  /** Equal reads of one identity. */
  readonly reads = new SharedCalls<KeyVaultSecret>();
  /** The request without a token, which the vault answers with its challenge. */
  readonly challenges = new SharedCalls<PipelineResponse>();
  /** The newest that the vault gave to a request without a token. */
  challenge: string | undefined;
  /** Whether anything ever answered under this name. */
  hasAnswered = false;
  readonly #deps: VaultDeps;
  readonly #budget;
  readonly #waiting = new Set<Waiter>();
  #cancelTimer: (() => void) | undefined;
  #succeededMs = -Infinity;

  constructor(host: string, deps: VaultDeps) {
    this.host = host;
    this.#deps = deps;
    this.#budget = createVaultBudget(deps.clock.elapsed());
  }

  /** Nothing that would be missed: no request under way, and a budget like that of a new one. */
  get isIdle(): boolean {
    const underWay = this.#waiting.size + this.reads.size + this.challenges.size;
    return underWay === 0 && this.#budget.isFull(this.#deps.clock.elapsed());
  }

  /** Milliseconds until a further request could go; 0 also when it would fail at once, because of a long pause. */
  waitMs(): number {
    if (this.#isPausedForLong()) return 0;
    const waitMs = this.#budget.waitMs(this.#deps.clock.elapsed());
    return this.#waiting.size === 0 ? waitMs : Math.max(waitMs, 1);
  }

  /**
   * Sends one request as soon as the budget allows, and again when the vault answers 429 to it but not to all: a
   * VaultSecret of many objects keeps what it has read. @throws ReconcileError KeyVaultThrottled when it is over, and what `send` throws
   */
  async run<T>(request: ReadRequest, send: () => Promise<T>): Promise<T> {
    const { clock } = this.#deps;
    const startedMs = clock.elapsed();
    for (;;) {
      try {
        return await this.once(request, send, startedMs);
      } catch (thrown) {
        if (!isThrottled(thrown) || this.#isOver(startedMs)) throw thrown;
      }
    }
  }

  #isOver(startedMs: number): boolean {
    const now = this.#deps.clock.elapsed();
    const isSilent = now - this.#succeededMs > longestSilenceMs;
    const hasAnswered = this.#succeededMs >= startedMs;
    return !hasAnswered || isSilent || now - startedMs > longestTryMs || this.#isPausedForLong();
  }

  /**
   * As `run`, for what cannot be sent again. `askedMs`: when the first of several requests was asked for, whose waits
   * together have an end. @throws ReconcileError KeyVaultThrottled, and what `send` throws
   */
  async once<T>(
    request: ReadRequest,
    send: () => Promise<T>,
    askedMs = this.#deps.clock.elapsed(),
  ): Promise<T> {
    const { clock } = this.#deps;
    await this.#turn(request, askedMs);
    try {
      const answer = await send();
      this.#succeededMs = clock.elapsed();
      this.#budget.succeeded(this.#succeededMs);
      return answer;
    } catch (thrown) {
      if (!isThrottled(thrown)) throw thrown;
      this.#throttled(thrown.retryAfterMs);
      throw this.#later(request);
    }
  }

  async #turn(request: ReadRequest, askedMs: number): Promise<void> {
    const { clock, metrics } = this.#deps;
    if (this.#isPausedForLong()) throw this.#later(request);
    const startedMs = clock.elapsed();
    const goesNow = this.#waiting.size === 0 && this.#budget.take(startedMs);
    if (!goesNow) await this.#wait(request, askedMs);
    metrics.budgetLeft(this.host, this.#budget.left(clock.elapsed()));
    if (!goesNow) metrics.throttled(this.host, (clock.elapsed() - startedMs) / 1000);
  }

  #wait(request: ReadRequest, askedMs: number): Promise<void> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        askedMs,
        go: () => resolve(leave()),
        giveUp: (reason = this.#later(request)) => {
          leave();
          reject(reason instanceof Error ? reason : new Error('stopped'));
        },
      };
      const abort = (): void => waiter.giveUp(signal?.reason);
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', abort);
      this.#pump();
    });
  }

  /** Lets go whom the budget allows, and comes back for the next. */
  #pump(): void {
    const { clock } = this.#deps;
    const isPaused = this.#isPausedForLong();
    for (const waiter of this.#waiting) {
      const isLate = clock.elapsed() - waiter.askedMs > longestWaitMs;
      if (isPaused || isLate) waiter.giveUp();
      else if (this.#budget.take(clock.elapsed())) waiter.go();
      else break;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#waiting.size === 0) return;
    const waitMs = this.#budget.waitMs(clock.elapsed());
    this.#cancelTimer = clock.schedule(waitMs, () => this.#pump());
  }

  #throttled(retryAfterMs: number | undefined): void {
    const { clock, metrics } = this.#deps;
    const now = clock.elapsed();
    this.#budget.throttled(now, retryAfterMs, now - this.#succeededMs < partialMs);
    metrics.budgetLeft(this.host, 0);
    this.#pump();
  }

  #isPausedForLong(): boolean {
    return this.#budget.pauseMs(this.#deps.clock.elapsed()) > longestPauseMs;
  }

  /** Up to a quarter later than the vault may be asked again, so that not all come back at once. */
  #later(request: ReadRequest): ReconcileError {
    const { clock, random } = this.#deps;
    const waitMs = Math.max(this.#budget.waitMs(clock.elapsed()), 1);
    return new ReconcileError('KeyVaultThrottled', {
      details: readDetails(request),
      retryAfterMs: waitMs * (1 + random() / 4),
    });
  }
}

function isThrottled(thrown: unknown): thrown is ReconcileError {
  return thrown instanceof ReconcileError && thrown.reason === 'KeyVaultThrottled';
}
