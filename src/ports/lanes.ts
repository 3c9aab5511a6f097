/** What a key needs before its reconcile can go on. */
export interface Ticket {
  readonly requestKey: string;
  /** The host that is asked. */
  readonly host: string;
  /** How many requests go there, admitted together. */
  readonly requests: number;
  readonly priority: number;
}

/**
 * A lane for each host, in which keys wait for their turn without a worker.
 * Guarantees: inside a lane, priorities and namespaces take turns as in the workqueue; a key that is admitted after it
 * waited is added to the workqueue again; no lane delays another, but for the bound on all of them together.
 */
export interface Lanes {
  /** True: the key may go on, until `leave`. False: it waits, and must not call `leave` in this reconcile. */
  enter(ticket: Ticket): boolean;
  /** The key has what it needed, or needs it no more. */
  leave(requestKey: string): void;
}

/** Keys and requests that were admitted and have not left. */
export interface Running {
  readonly keys: number;
  readonly requests: number;
}

/** Decides whether one more key may ask a host. */
export interface LaneGate {
  /**
   * 0: now. Else milliseconds after which asking again is worth it, besides each time that a key leaves the lane.
   * `running`: of this host; `keysOfAll`: of all hosts, counted and not summed up, because each lane asks often.
   */
  waitMs(host: string, running: Running, keysOfAll: number): number;
}

/**
 * What is known of a host. `unknown`: it was never asked, or long ago. `silent`: asked, without an answer so far.
 * `down`: who asks now fails at once.
 */
export type HostHealth = 'unknown' | 'answering' | 'silent' | 'down';
