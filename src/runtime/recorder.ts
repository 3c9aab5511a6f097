import { type EventClient, type EventNote, KubeApiError } from '../ports/kube.ts';
import type { Clock, Log } from '../ports/system.ts';
import { endsWithin } from './deadline.ts';
import { errorFields } from './errorFields.ts';
import { Lru } from './lru.ts';

export interface RecorderLimits {
  /** The same note within so long of its last time raises a count instead of making a new Event, milliseconds; default 10 minutes. */
  readonly seriesMs: number;
  /** A count is written at most so often, milliseconds; default 1 minute. */
  readonly repeatEveryMs: number;
  /** Writes that a subject may make in a row; default 25. */
  readonly burst: number;
  /** One more write for a subject, milliseconds; default 5 minutes. */
  readonly refillMs: number;
  /** Series, and subjects, that are remembered; default 4,096. */
  readonly remembered: number;
  /** Writes at once; default 4. */
  readonly concurrency: number;
  /** Notes that wait for their write; what comes on top is dropped; default 1,024. */
  readonly waiting: number;
}

export interface RecorderDeps {
  readonly client: EventClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<RecorderLimits>;
}

/** Publishes events about objects. Guarantees: never throws, never waits, bounded in memory and in requests. */
export interface Recorder {
  /** A note that is too long is cut. */
  record(note: EventNote): void;
  /** Until the signal is aborted; then the notes that wait get a few seconds to be written. */
  run(signal: AbortSignal): Promise<void>;
}

export function createRecorder(deps: RecorderDeps): Recorder {
  return new SeriesRecorder(deps);
}

const DEFAULT_LIMITS: RecorderLimits = {
  seriesMs: 600_000,
  repeatEveryMs: 60_000,
  burst: 25,
  refillMs: 300_000,
  remembered: 4_096,
  concurrency: 4,
  waiting: 1_024,
};

/** For notes that wait at a stop: less than the manager gives its parts. */
const DRAIN_MS = 3_000;
/** In bytes; a longer one is refused: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
const NOTE_LIMIT = 1_024;

interface Series {
  /** `undefined` until the Event was made. */
  eventName: string | undefined;
  count: number;
  lastMs: number;
  /** When the Event was last written, or is about to be. */
  writtenMs: number;
}

/** A token bucket: how full it was, and when. */
interface Bucket {
  tokens: number;
  atMs: number;
}

class SeriesRecorder implements Recorder {
  readonly #deps: RecorderDeps;
  readonly #limits: RecorderLimits;
  readonly #series: Lru<Series>;
  /** By uid of the subject. */
  readonly #buckets: Lru<Bucket>;
  /** Writes not begun yet, oldest first; empty unless `#writing` is at its limit. */
  readonly #waiting: (() => Promise<void>)[] = [];
  #writing = 0;
  /** Called when nothing is left to write. */
  #onIdle: () => void = () => undefined;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_LIMITS, ...deps.limits };
    this.#series = new Lru(this.#limits.remembered);
    this.#buckets = new Lru(this.#limits.remembered);
  }

  record(given: EventNote): void {
    const note = { ...given, note: cutBytes(given.note, NOTE_LIMIT) };
    const nowMs = this.#deps.clock.now();
    const key = JSON.stringify([note.subject.uid, note.type, note.reason, note.note]);
    const series = this.#series.get(key);
    if (series === undefined || nowMs - series.lastMs > this.#limits.seriesMs) {
      this.#begin(key, note, nowMs);
      return;
    }
    series.count += 1;
    series.lastMs = nowMs;
    if (nowMs - series.writtenMs >= this.#limits.repeatEveryMs) this.#raise(series, note, nowMs);
  }

  #begin(key: string, note: EventNote, atMs: number): void {
    if (!this.#mayWrite(note, atMs)) return;
    const series: Series = { eventName: undefined, count: 1, lastMs: atMs, writtenMs: atMs };
    this.#series.set(key, series);
    this.#write(async () => {
      try {
        series.eventName = await this.#deps.client.create(note, atMs);
      } catch (error) {
        // The next note of this kind begins anew.
        this.#series.delete(key);
        throw error;
      }
    });
  }

  #raise(series: Series, note: EventNote, atMs: number): void {
    const { eventName, count } = series;
    if (eventName === undefined || !this.#mayWrite(note, atMs)) return;
    series.writtenMs = atMs;
    this.#write(async () => {
      try {
        await this.#deps.client.repeat(note.subject.namespace, eventName, count, atMs);
      } catch (error) {
        if (!(error instanceof KubeApiError && error.status === 404)) throw error;
        series.eventName = await this.#deps.client.create(note, atMs);
        series.count = 1;
      }
    });
  }

  #mayWrite({ subject, reason }: EventNote, nowMs: number): boolean {
    const { burst, refillMs } = this.#limits;
    const bucket = this.#buckets.get(subject.uid) ?? { tokens: burst, atMs: nowMs };
    const gained = Math.max(0, nowMs - bucket.atMs) / refillMs;
    const tokens = Math.min(burst, bucket.tokens + gained);
    const isAllowed = tokens >= 1 && this.#waiting.length < this.#limits.waiting;
    this.#buckets.set(subject.uid, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    if (!isAllowed) {
      const { namespace, name } = subject;
      this.#deps.log.debug('event dropped', { namespace, name, reason });
    }
    return isAllowed;
  }

  #write(write: () => Promise<void>): void {
    this.#waiting.push(write);
    if (this.#writing < this.#limits.concurrency) this.#work().catch(this.#fail);
  }

  async #work(): Promise<void> {
    this.#writing += 1;
    for (let write = this.#waiting.shift(); write !== undefined; write = this.#waiting.shift()) {
      await write().catch(this.#fail);
    }
    this.#writing -= 1;
    if (this.#writing === 0) this.#onIdle();
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal);
    const { clock, log } = this.#deps;
    if (await endsWithin(clock, DRAIN_MS, this.#idle())) return;
    log.warn('events dropped at the stop', { events: this.#waiting.length });
    this.#waiting.length = 0;
  }

  async #idle(): Promise<void> {
    if (this.#writing === 0) return;
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  readonly #fail = (error: unknown): void => {
    this.#deps.log.warn('event not written', errorFields(error));
  };
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Ends in an ellipsis, and within no character. */
function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit - Buffer.byteLength('…');
  // Bytes of the form 10xxxxxx continue a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
}
