/** What waits in a `FairQueue`. */
export interface Waiting {
  /** Groups of one priority take turns: a group with many entries delays the others by one entry each. */
  readonly group: string;
  /** Higher goes first. Changed only by `FairQueue.raise`. */
  priority: number;
  /** Milliseconds of `Clock.elapsed`: since when it waits. */
  readonly sinceMs: number;
}

/** One in so many goes to a lower priority, so that a flood of higher ones delays nothing for ever. */
const LOWER_TURN = 8;

/** The groups in the order of their turns; the entries of each in the order they came. No empty sets. */
type Level<T> = Map<string, Set<T>>;

/**
 * Entries by priority, then by turns of their groups, then in the order they came.
 * Guarantees: constant time for each call, whatever the number of entries and groups; of every eight entries taken,
 * one is of a lower priority while one waits there.
 */
export class FairQueue<T extends Waiting> {
  readonly #levels = new Map<number, Level<T>>();
  /** The keys of `#levels`, highest first. */
  #priorities: number[] = [];
  #size = 0;
  #taken = 0;

  get size(): number {
    return this.#size;
  }

  push(entry: T): void {
    const { priority, group } = entry;
    const level = this.#levels.get(priority) ?? this.#addLevel(priority);
    const entries = level.get(group);
    if (entries === undefined) level.set(group, new Set([entry]));
    else entries.add(entry);
    this.#size += 1;
  }

  /** The next entry leaves the queue, and its group goes to the end of the turns. */
  take(): T | undefined {
    const level = this.#levels.get(this.#nextPriority());
    if (level === undefined) return undefined;
    for (const [group, entries] of level) {
      level.delete(group);
      level.set(group, entries);
      for (const entry of entries) {
        this.#taken += 1;
        this.remove(entry);
        return entry;
      }
    }
    return undefined;
  }

  /** False when it was not in the queue. */
  remove(entry: T): boolean {
    const level = this.#levels.get(entry.priority);
    const entries = level?.get(entry.group);
    if (level === undefined || entries?.delete(entry) !== true) return false;
    this.#size -= 1;
    if (entries.size === 0) level.delete(entry.group);
    if (level.size === 0) this.#removeLevel(entry.priority);
    return true;
  }

  /** Never lowers it. */
  raise(entry: T, priority: number): void {
    if (priority <= entry.priority || !this.remove(entry)) return;
    entry.priority = priority;
    this.push(entry);
  }

  /** Milliseconds of `Clock.elapsed` since when the entry that has waited longest waits, by priority. */
  oldest(): ReadonlyMap<number, number> {
    const oldest = new Map<number, number>();
    for (const [priority, level] of this.#levels) {
      for (const entries of level.values()) {
        for (const { sinceMs } of entries)
          oldest.set(priority, Math.min(oldest.get(priority) ?? Infinity, sinceMs));
      }
    }
    return oldest;
  }

  clear(): void {
    this.#levels.clear();
    this.#priorities = [];
    this.#size = 0;
  }

  #nextPriority(): number {
    const [highest = 0, ...lower] = this.#priorities;
    if (lower.length === 0 || (this.#taken + 1) % LOWER_TURN !== 0) return highest;
    return lower[Math.floor(this.#taken / LOWER_TURN) % lower.length] ?? highest;
  }

  #addLevel(priority: number): Level<T> {
    const level: Level<T> = new Map();
    this.#levels.set(priority, level);
    this.#priorities = [...this.#levels.keys()].toSorted((left, right) => right - left);
    return level;
  }

  #removeLevel(priority: number): void {
    this.#levels.delete(priority);
    this.#priorities = this.#priorities.filter((other) => other !== priority);
  }
}
