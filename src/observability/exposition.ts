import type { Registry } from 'prom-client';
import type { Clock } from '../ports/system.ts';

/** Scrapes come every few seconds at most; a rendering of a large fleet takes tens of milliseconds of the event loop. */
const keptMs = 1_000;

/** The text of the metrics, as Prometheus reads it. */
export interface Exposition {
  readonly contentType: string;
  /** Guarantees: one rendering at a time, shared by all who ask meanwhile and within the second after it. */
  render(): Promise<Buffer>;
}

export function createExposition(
  registry: Pick<Registry, 'contentType' | 'metrics'>,
  clock: Pick<Clock, 'elapsed'>,
): Exposition {
  let running: Promise<Buffer> | undefined;
  let kept: { readonly text: Buffer; readonly untilMs: number } | undefined;

  async function renderAnew(): Promise<Buffer> {
    try {
      const text = Buffer.from(await registry.metrics());
      kept = { text, untilMs: clock.elapsed() + keptMs };
      return text;
    } finally {
      running = undefined;
    }
  }

  return {
    contentType: registry.contentType,
    async render() {
      if (kept !== undefined && clock.elapsed() < kept.untilMs) return kept.text;
      kept = undefined;
      running ??= renderAnew();
      return running;
    },
  };
}
