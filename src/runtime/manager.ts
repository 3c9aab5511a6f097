import type { Clock, Log } from '../ports/system.ts';
import type { Controller } from './controller.ts';
import { endsWithin } from './deadline.ts';
import { errorFields } from './errorFields.ts';
import type { Informer } from './informer.ts';
import type { LeaderElection } from './leaderElection.ts';

/** Whatever runs until its signal is aborted; ending or failing before is fatal. */
export interface Part {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

type RunningInformer = Pick<Informer<never>, 'resource' | 'synced' | 'run'>;

export type ExitReason =
  | { readonly reason: 'stopped' }
  | { readonly reason: 'leadershipLost' }
  | { readonly reason: 'failed'; readonly part: string; readonly error: unknown };

export interface ManagerDeps {
  readonly informers: readonly RunningInformer[];
  /** Fills the queues with what no informer's handler adds; after the informers have synced, before readiness. */
  readonly prepare?: () => void;
  /** Run on every replica, from the start to the end. */
  readonly parts?: readonly Part[];
  /** Without one, this is the only replica. */
  readonly election?: LeaderElection;
  /** Run on the leader only, begun after the controllers and ended before them: what feeds the queues from outside. */
  readonly leaderParts?: readonly Part[];
  readonly controllers: readonly Controller[];
  /** For reconciles under way at a stop, milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts everything in order, and stops it in reverse. */
export interface Manager {
  /** Until the signal is aborted, leadership is lost or a part fails. May be called once; never throws. */
  run(signal: AbortSignal): Promise<ExitReason>;
  /** Informers synced and queues filled, also on a replica that stands by; false again during the stop. */
  ready(): boolean;
}

export function createManager(deps: ManagerDeps): Manager {
  return new OrderedManager(deps);
}

/** For informers and parts to end after their signal was aborted. */
const END_MS = 5_000;

class OrderedManager implements Manager {
  readonly #deps: ManagerDeps;
  readonly #exit = Promise.withResolvers<ExitReason>();
  /** For informers and parts. */
  readonly #background = new AbortController();
  /** For the leader's parts. */
  readonly #feeding = new AbortController();
  readonly #running = new Map<AbortController, Promise<void>[]>();
  #isReady = false;
  #isStopping = false;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
  }

  ready(): boolean {
    return this.#isReady && !this.#isStopping;
  }

  async run(signal: AbortSignal): Promise<ExitReason> {
    const stop = (): void => this.#end({ reason: 'stopped' });
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#start().catch((error: unknown) => this.#fail('start', error));
    const reason = await this.#exit.promise;
    signal.removeEventListener('abort', stop);
    this.#deps.log.info('stopping', { reason: reason.reason });
    await this.#stop(reason).catch((error: unknown) => {
      this.#deps.log.error('stop failed', errorFields(error));
    });
    return reason;
  }

  async #start(): Promise<void> {
    const { informers, parts = [], prepare, election, log } = this.#deps;
    for (const informer of informers) {
      this.#launch({ name: informer.resource, run: (s) => informer.run(s) }, this.#background);
    }
    for (const part of parts) this.#launch(part, this.#background);
    await Promise.all(informers.map(({ synced }) => synced));
    prepare?.();
    this.#isReady = true;
    log.info('informers synced');
    if (this.#isStopping) return;
    if (election === undefined) return this.#lead();
    // Ended by `release`, not by the stop signal: the Lease must outlast the reconciles.
    await election.run(new AbortController().signal, {
      onStartedLeading: () => this.#lead(),
      onStoppedLeading: () => this.#end({ reason: 'leadershipLost' }),
    });
  }

  #lead(): void {
    if (this.#isStopping) return;
    const { controllers, leaderParts = [] } = this.#deps;
    for (const controller of controllers) controller.start();
    for (const part of leaderParts) this.#launch(part, this.#feeding);
  }

  async #stop({ reason }: ExitReason): Promise<void> {
    const { controllers, election, log } = this.#deps;
    // Another replica may begin in seconds: nothing gets time to finish.
    const graceMs = reason === 'leadershipLost' ? 0 : this.#deps.graceMs;
    const fed = this.#abort(this.#feeding);
    const drained = await Promise.all(controllers.map((c) => c.stop({ graceMs })));
    const isIdle = (await fed) && drained.every(Boolean);
    if (isIdle) await election?.release();
    else log.error('lease kept: work is still running');
    await this.#abort(this.#background);
  }

  #launch(part: Part, controller: AbortController): void {
    const { signal } = controller;
    const running = part.run(signal).then(
      () => {
        if (!signal.aborted) this.#fail(part.name, new Error('It ended by itself'));
      },
      (error: unknown) => {
        if (!signal.aborted) this.#fail(part.name, error);
      },
    );
    const others = this.#running.get(controller) ?? [];
    this.#running.set(controller, [...others, running]);
  }

  /** Aborts what was launched with it; whether all of that has ended. */
  async #abort(controller: AbortController): Promise<boolean> {
    controller.abort(new Error('The manager stops'));
    const running = Promise.all(this.#running.get(controller) ?? []);
    return await endsWithin(this.#deps.clock, END_MS, running);
  }

  #fail(part: string, error: unknown): void {
    this.#deps.log.error('a part failed', { part, ...errorFields(error) });
    this.#end({ reason: 'failed', part, error });
  }

  /** The first reason counts. From here on nothing is started any more. */
  #end(reason: ExitReason): void {
    this.#isStopping = true;
    this.#exit.resolve(reason);
  }
}
