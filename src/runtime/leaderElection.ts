import type { LeaseClient } from '../ports/kube.ts';
import type { LeaderMetrics } from '../ports/metrics.ts';
import type { Clock, Log, Random } from '../ports/system.ts';
import { type LinkedAbort, linkedAbort, pause } from './deadline.ts';
import { type ElectionTimings, electionTimings } from './electionTimings.ts';
import { errorFields } from './errorFields.ts';
import { LeaseHolder } from './leaseHolder.ts';
import { LeaseView } from './leaseView.ts';

export interface ElectionDeps {
  readonly client: LeaseClient;
  /** Of this process only: another one with the same identity would be taken for ourselves. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: LeaderMetrics;
  readonly timings?: Partial<ElectionTimings>;
}

export type ElectionEnd = 'lost' | 'aborted';

export interface LeaderCallbacks {
  onStartedLeading(): void;
  /** The Lease is lost: work must end at once, before another replica begins. */
  onStoppedLeading(): void;
}

/**
 * At most one of the replicas leads, as long as their timers run equally fast.
 * Assumptions: writes ask `isLeading` first, and are fenced all the same: a process can be frozen between the two.
 */
export interface LeaderElection {
  /** Stands by, leads, and ends when the Lease is lost or the signal aborted; keeps the Lease in the latter case. Never throws. */
  run(signal: AbortSignal, callbacks: LeaderCallbacks): Promise<ElectionEnd>;
  /** Ends `run`, and lets another replica take over at once. Never throws. */
  release(): Promise<void>;
  /** Until the deadline of the last renewal by both clocks, even when timers are late after the process was frozen. */
  isLeading(): boolean;
}

export function createLeaderElection(deps: ElectionDeps): LeaderElection {
  return new Elector(deps);
}

class Elector implements LeaderElection {
  readonly #deps: ElectionDeps;
  readonly #timings: ElectionTimings;
  readonly #view: LeaseView;
  readonly #holder: LeaseHolder;
  /** The run under way, for `release` to end it. */
  #run: { readonly linked: LinkedAbort; readonly ended: Promise<unknown> } | undefined;
  /** The Lease names us, as far as we know. Whoever leads holds; after an aborted run we hold without leading. */
  #holds = false;
  #leads = false;
  /** When the last successful write was sent, by both clocks. */
  #renewed = { elapsedMs: 0, nowMs: 0 };
  #cancelDeadline: () => void = () => {};

  constructor(deps: ElectionDeps) {
    this.#deps = deps;
    this.#timings = electionTimings(deps.timings);
    this.#view = new LeaseView(deps.clock);
    this.#holder = new LeaseHolder({ ...deps, view: this.#view, timings: this.#timings });
    deps.metrics.leading(false);
  }

  isLeading(): boolean {
    const { clock } = this.#deps;
    const { elapsedMs, nowMs } = this.#renewed;
    const sinceMs = Math.max(clock.elapsed() - elapsedMs, clock.now() - nowMs);
    return this.#leads && sinceMs < this.#timings.renewDeadlineMs;
  }

  async run(signal: AbortSignal, callbacks: LeaderCallbacks): Promise<ElectionEnd> {
    using linked = linkedAbort(signal);
    const ended = this.#standByAndLead(linked, callbacks);
    this.#run = { linked, ended };
    return await ended;
  }

  async release(): Promise<void> {
    this.#run?.linked.abort(new Error('The Lease is released'));
    await this.#run?.ended;
    if (!this.#holds && !this.#holder.mayHold) return;
    this.#holds = false;
    try {
      const isReleased = await this.#holder.giveBack(new AbortController().signal);
      if (isReleased) this.#deps.log.info('lease released');
    } catch (error) {
      this.#deps.log.warn('lease not released', errorFields(error));
    }
  }

  async #standByAndLead(linked: LinkedAbort, callbacks: LeaderCallbacks): Promise<ElectionEnd> {
    const lose = (): void => this.#lose(linked, callbacks);
    const { signal } = linked;
    while (!signal.aborted && !(await this.#take(signal, lose))) await this.#untilFree(signal);
    this.#view.close();
    if (!this.#holds) return 'aborted';
    this.#lead(true);
    this.#call(() => callbacks.onStartedLeading());
    await this.#keep(signal, lose);
    this.#cancelDeadline();
    if (!this.#holds) return 'lost';
    this.#lead(false);
    return 'aborted';
  }

  async #take(signal: AbortSignal, lose: () => void): Promise<boolean> {
    try {
      this.#holds = await this.#beforeDeadline(() => this.#holder.take(signal), lose);
    } catch (error) {
      if (!signal.aborted) this.#deps.log.warn('lease not reached', errorFields(error));
    }
    return this.#holds;
  }

  /** Returns when the Lease may be free; without a watch, after a while. */
  async #untilFree(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    if (await this.#isSeenFree(signal)) return;
    await pause(clock, this.#timings.retryMs * (0.5 + random()), signal);
  }

  /** Watches until the Lease is free; false when the watch ends before. */
  async #isSeenFree(signal: AbortSignal): Promise<boolean> {
    const { resourceVersion } = this.#holder;
    if (this.#view.isFree || resourceVersion === '') return false;
    using watching = linkedAbort(signal);
    this.#view.onExpiry(() => watching.abort(new Error('The holder is given up')));
    try {
      for await (const lease of this.#deps.client.watch(resourceVersion, watching.signal)) {
        this.#view.observe(lease);
        if (this.#view.isFree) return true;
      }
    } catch (error) {
      if (!watching.signal.aborted) this.#deps.log.debug('lease not watched', errorFields(error));
    }
    return watching.signal.aborted;
  }

  /** Renews until that is over: `#holds` tells why. */
  async #keep(signal: AbortSignal, lose: () => void): Promise<void> {
    const { renewEveryMs, retryMs } = this.#timings;
    let delayMs = renewEveryMs;
    for (;;) {
      await pause(this.#deps.clock, delayMs, signal);
      if (signal.aborted) return;
      try {
        if (!(await this.#beforeDeadline(() => this.#holder.renew(signal), lose))) return lose();
        delayMs = renewEveryMs;
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.log.warn('lease not renewed', errorFields(error));
        delayMs = retryMs;
      }
    }
  }

  /** A successful write counts from when it was sent: others count from when they saw it, which is later. */
  async #beforeDeadline(write: () => Promise<boolean>, lose: () => void): Promise<boolean> {
    const { clock } = this.#deps;
    const sent = { elapsedMs: clock.elapsed(), nowMs: clock.now() };
    const cancel = clock.schedule(this.#timings.renewDeadlineMs, lose);
    let ours = false;
    try {
      ours = await write();
    } finally {
      if (!ours) cancel();
    }
    if (!ours) return false;
    this.#cancelDeadline();
    this.#cancelDeadline = cancel;
    this.#renewed = sent;
    return true;
  }

  #lose(linked: LinkedAbort, callbacks: LeaderCallbacks): void {
    if (!this.#holds) return;
    this.#holds = false;
    this.#lead(false);
    this.#call(() => callbacks.onStoppedLeading());
    linked.abort(new Error('The Lease is lost'));
  }

  #lead(leads: boolean): void {
    this.#leads = leads;
    this.#deps.metrics.leading(leads);
    this.#deps.log.info(leads ? 'leading' : 'no longer leading');
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#deps.log.error('a leadership callback failed', errorFields(error));
    }
  }
}
