import type { Clock } from '../ports/system.ts';
import type { LaneGate, Lanes, Running, Ticket } from '../ports/lanes.ts';
import { FairQueue, type Waiting } from './fairQueue.ts';
import { namespaceOf } from './workqueue.ts';

export interface LanesDeps {
  readonly clock: Clock;
  readonly gate: LaneGate;
  /** A key that waited may go on, at the priority with which it waited. */
  readonly admitted: (requestKey: string, priority: number) => void;
}

export interface HostLanes extends Lanes {
  /** Milliseconds for which the key that has waited longest waits, by priority. */
  longestWaits(): ReadonlyMap<number, number>;
}

export function createLanes(deps: LanesDeps): HostLanes {
  return new FairLanes(deps);
}

interface Entry extends Ticket, Waiting {
  priority: number;
}

interface Lane {
  readonly host: string;
  readonly waiting: FairQueue<Entry>;
  cancelTimer: () => void;
}

class FairLanes implements HostLanes {
  readonly #deps: LanesDeps;
  /** Exactly those in which a key waits. */
  readonly #lanes = new Map<string, Lane>();
  /** Exactly the keys that wait in a lane. */
  readonly #waiting = new Map<string, Entry>();
  /** Exactly the keys that were admitted and have not left. */
  readonly #admitted = new Map<string, Ticket>();
  /** The sums of `#admitted` by host; no zeros. */
  readonly #running = new Map<string, Running>();

  constructor(deps: LanesDeps) {
    this.#deps = deps;
  }

  enter(ticket: Ticket): boolean {
    const { requestKey, host, priority } = ticket;
    if (this.#admitted.get(requestKey)?.host === host) return true;
    const before = this.#waiting.get(requestKey);
    if (before?.host === host && before.requests === ticket.requests) {
      this.#lanes.get(host)?.waiting.raise(before, priority);
      return false;
    }
    this.leave(requestKey);
    // A new key waits behind those that wait already.
    if (!this.#lanes.has(host) && this.#waitMs(host) === 0) {
      this.#admit(ticket);
      return true;
    }
    this.#push(ticket);
    return false;
  }

  leave(requestKey: string): void {
    const waits = this.#waiting.get(requestKey);
    if (waits !== undefined) {
      this.#waiting.delete(requestKey);
      this.#lanes.get(waits.host)?.waiting.remove(waits);
      this.#advanceAt(waits.host);
    }
    const ticket = this.#admitted.get(requestKey);
    if (ticket === undefined) return;
    this.#admitted.delete(requestKey);
    this.#count(ticket, -1);
    this.#advanceAt(ticket.host);
  }

  longestWaits(): ReadonlyMap<number, number> {
    const nowMs = this.#deps.clock.elapsed();
    const longest = new Map<number, number>();
    for (const { waiting } of this.#lanes.values()) {
      for (const [priority, sinceMs] of waiting.oldest())
        longest.set(priority, Math.max(longest.get(priority) ?? 0, nowMs - sinceMs));
    }
    return longest;
  }

  #push(ticket: Ticket): void {
    const { requestKey, host } = ticket;
    const sinceMs = this.#deps.clock.elapsed();
    const entry: Entry = { ...ticket, group: namespaceOf(requestKey), sinceMs };
    const lane = this.#lanes.get(host) ?? {
      host,
      waiting: new FairQueue<Entry>(),
      cancelTimer: () => {},
    };
    this.#lanes.set(host, lane);
    this.#waiting.set(requestKey, entry);
    lane.waiting.push(entry);
    this.#advance(lane);
  }

  #advanceAt(host: string): void {
    const lane = this.#lanes.get(host);
    if (lane !== undefined) this.#advance(lane);
  }

  /** Admits the keys that the gate lets pass, and comes back for the next. */
  #advance(lane: Lane): void {
    lane.cancelTimer();
    while (lane.waiting.size > 0) {
      const waitMs = this.#waitMs(lane.host);
      if (waitMs > 0) {
        lane.cancelTimer = this.#deps.clock.schedule(waitMs, () => this.#advance(lane));
        return;
      }
      const entry = lane.waiting.take();
      if (entry === undefined) break;
      this.#waiting.delete(entry.requestKey);
      this.#admit(entry);
      this.#deps.admitted(entry.requestKey, entry.priority);
    }
    this.#lanes.delete(lane.host);
  }

  #admit({ requestKey, host, requests, priority }: Ticket): void {
    const ticket = { requestKey, host, requests, priority };
    this.#admitted.set(requestKey, ticket);
    this.#count(ticket, 1);
  }

  #count({ host, requests }: Ticket, sign: 1 | -1): void {
    const before = this.#running.get(host) ?? none;
    const after = { keys: before.keys + sign, requests: before.requests + sign * requests };
    if (after.keys === 0) this.#running.delete(host);
    else this.#running.set(host, after);
  }

  #waitMs(host: string): number {
    return this.#deps.gate.waitMs(host, this.#running.get(host) ?? none, this.#admitted.size);
  }
}

const none: Running = { keys: 0, requests: 0 };
