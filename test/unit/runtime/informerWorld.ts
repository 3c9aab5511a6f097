import { KubeApiError, type ListPage } from '../../../src/ports/kube.ts';
import type { InformerMetrics } from '../../../src/ports/metrics.ts';
import { createInformer, type Informer } from '../../../src/runtime/informer.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { createMemoryLog, evenRandom, type LogLine, type Thing } from './fakes.ts';
import { createScriptedSource, type ListAnswer, type ScriptedSource } from './scriptedSource.ts';

export interface InformerWorld {
  readonly clock: ManualClock;
  readonly source: ScriptedSource<Thing>;
  readonly informer: Informer<Thing>;
  /** "added ns/a@1 initial", in the order they came. */
  readonly changes: string[];
  readonly figures: { relists: number; objects: number; heardMs: number; unreadable: number };
  readonly log: { readonly lines: readonly LogLine[] };
  readonly stop: AbortController;
  /** Whether `run` has resolved. */
  readonly ended: () => boolean;
  /** What the store holds: "ns/a@1". */
  readonly held: () => string[];
}

/** An informer on a scripted source, already running. Its first lists are answered as given. */
export async function startInformer(...answers: ListAnswer<Thing>[]): Promise<InformerWorld> {
  const clock = createManualClock(1_000_000);
  const source = createScriptedSource<Thing>();
  const log = createMemoryLog();
  const figures = { relists: 0, objects: 0, heardMs: 0, unreadable: 0 };
  const metrics: InformerMetrics = {
    relisted: () => (figures.relists += 1),
    objects: (_, count) => (figures.objects = count),
    heard: (_, atMs) => (figures.heardMs = atMs),
    unreadable: () => (figures.unreadable += 1),
  };
  const indexes = { color: (thing: Thing) => [thing.color] };
  const timings = { pageSize: 2 };
  const random = evenRandom;
  const informer = createInformer({ source, indexes, clock, random, log, metrics, timings });
  const changes: string[] = [];
  informer.onChange(({ type, object, initial, ownWrite }) => {
    const marks = `${initial ? ' initial' : ''}${ownWrite ? ' own' : ''}`;
    changes.push(`${type} ${show(object)}${marks}`);
  });
  source.answer(...answers);
  const stop = new AbortController();
  let ended = false;
  informer.run(stop.signal).then(
    () => (ended = true),
    () => changes.push('run failed'),
  );
  await clock.settle();
  const held = (): string[] => informer.list().map(show);
  return { clock, source, informer, changes, figures, log, stop, ended: () => ended, held };
}

export function show({ metadata }: Thing): string {
  return `${metadata.namespace}/${metadata.name}@${metadata.resourceVersion}`;
}

export function aPage(
  resourceVersion: string,
  items: readonly Thing[],
  continueToken?: string,
): ListPage<Thing> {
  return continueToken === undefined
    ? { items, resourceVersion }
    : { items, resourceVersion, continueToken };
}

export function refusal(status: number, retryAfterMs?: number): KubeApiError {
  const fields = { status, reason: status === 410 ? 'Expired' : '', message: 'refused' };
  return new KubeApiError(retryAfterMs === undefined ? fields : { ...fields, retryAfterMs });
}
