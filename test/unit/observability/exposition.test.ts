import { describe, expect, test } from 'vitest';
import { createExposition } from '../../../src/observability/exposition.ts';
import { createManualClock } from '../../support/manualClock.ts';

/** A registry that counts its renderings; each waits until it may end. */
function slowRegistry() {
  const figures = { begun: 0, atOnce: 0, most: 0 };
  let go = Promise.withResolvers<void>();
  return {
    figures,
    end: () => {
      go.resolve();
      go = Promise.withResolvers();
    },
    fail: () => {
      go.reject(new Error('a survey broke'));
      go = Promise.withResolvers();
    },
    contentType: 'text/plain; version=0.0.4; charset=utf-8' as const,
    async metrics() {
      figures.begun += 1;
      const text = `rendering ${figures.begun}`;
      figures.atOnce += 1;
      figures.most = Math.max(figures.most, figures.atOnce);
      await go.promise.finally(() => (figures.atOnce -= 1));
      return text;
    },
  };
}

async function scrape(exposition: { render(): Promise<Buffer> }, times: number): Promise<Buffer[]> {
  return Promise.all(Array.from({ length: times }, async () => exposition.render()));
}

describe('the metrics', () => {
  test('are rendered once for 500 scrapes at a time', async () => {
    const registry = slowRegistry();
    const scrapes = scrape(createExposition(registry, createManualClock(0)), 500);
    registry.end();

    expect(new Set((await scrapes).map(String))).toEqual(new Set(['rendering 1']));
    expect(registry.figures.begun).toBe(1);
  });

  test('are kept for a second, and not longer', async () => {
    const registry = slowRegistry();
    const clock = createManualClock(0);
    const exposition = createExposition(registry, clock);
    const scrapeAfter = async (ms: number): Promise<string> => {
      await clock.advance(ms);
      const scraped = exposition.render();
      registry.end();
      return String(await scraped);
    };

    expect(await scrapeAfter(0)).toBe('rendering 1');
    expect(await scrapeAfter(999)).toBe('rendering 1');
    expect(await scrapeAfter(1)).toBe('rendering 2');
    clock.step(-3_600_000);
    expect(await scrapeAfter(1_000)).toBe('rendering 3');
  });

  test('are never rendered twice at once, however long one takes', async () => {
    const registry = slowRegistry();
    const clock = createManualClock(0);
    const exposition = createExposition(registry, clock);
    const first = scrape(exposition, 10);
    await clock.advance(5_000);
    const later = scrape(exposition, 10);
    registry.end();
    await Promise.all([first, later]);

    expect(registry.figures).toMatchObject({ begun: 1, most: 1 });
  });

  test('are rendered anew after a rendering that failed', async () => {
    const registry = slowRegistry();
    const exposition = createExposition(registry, createManualClock(0));
    const failing = exposition.render();
    registry.fail();
    await expect(failing).rejects.toThrow('a survey broke');

    const scraped = exposition.render();
    registry.end();
    expect(String(await scraped)).toBe('rendering 2');
  });
});
