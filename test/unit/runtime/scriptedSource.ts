import type {
  KubeObject,
  ListPage,
  ListRequest,
  ResourceSource,
  WatchEvent,
  WatchRequest,
} from '../../../src/ports/kube.ts';

/** One watch as the server's side sees it. */
export interface OpenWatch<T> {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  send(...events: WatchEvent<T>[]): void;
  end(): void;
  fail(error: Error): void;
}

/** A source whose answers the test gives: lists in advance, watches as they go. */
export interface ScriptedSource<T extends KubeObject> extends ResourceSource<T> {
  readonly lists: ListRequest[];
  /** Lists of one object, which only ask for the resourceVersion of now. */
  readonly probes: ListRequest[];
  readonly watches: OpenWatch<T>[];
  /** What the API server has reached, as probes are told. */
  reached: string | Error;
  /** The newest watch. */
  readonly newest: OpenWatch<T>;
  /** Answers the next lists, in this order; a function is called at that time. */
  answer(...answers: ListAnswer<T>[]): void;
}

export type ListAnswer<T> = ListPage<T> | Error | (() => Promise<ListPage<T>>);

export function createScriptedSource<T extends KubeObject>(): ScriptedSource<T> {
  const answers: ListAnswer<T>[] = [];
  const lists: ListRequest[] = [];
  const probes: ListRequest[] = [];
  const watches: OpenWatch<T>[] = [];
  return {
    resource: 'things',
    lists,
    probes,
    watches,
    reached: '1000000',
    get newest() {
      const newest = watches.at(-1);
      if (newest === undefined) throw new Error('Nobody watches');
      return newest;
    },
    answer: (...more) => void answers.push(...more),
    async list(request) {
      if (request.limit === 1) {
        probes.push(request);
        if (this.reached instanceof Error) throw this.reached;
        return { items: [], resourceVersion: this.reached };
      }
      lists.push(request);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('The script has no answer to this list');
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? await answer() : answer;
    },
    watch: (request) => {
      const { opened, events } = openWatch<T>(request);
      watches.push(opened);
      return events;
    },
  };
}

type Step<T> =
  | { readonly event: WatchEvent<T> }
  | { readonly error: Error }
  | { readonly end: true };

function openWatch<T>({ resourceVersion, signal }: WatchRequest): {
  readonly opened: OpenWatch<T>;
  readonly events: AsyncIterable<WatchEvent<T>>;
} {
  const steps: Step<T>[] = [];
  let wake: () => void = () => {};
  const push = (...more: Step<T>[]): void => {
    steps.push(...more);
    wake();
  };
  signal.addEventListener('abort', () =>
    push({ error: new Error('aborted', { cause: signal.reason }) }),
  );
  async function* read(): AsyncGenerator<WatchEvent<T>> {
    for (;;) {
      const step = steps.shift();
      if (step === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if ('error' in step) throw step.error;
      else if ('end' in step) return;
      else yield step.event;
    }
  }
  const opened: OpenWatch<T> = {
    resourceVersion,
    signal,
    send: (...events) => push(...events.map((event) => ({ event }))),
    end: () => push({ end: true }),
    fail: (error) => push({ error }),
  };
  return { opened, events: read() };
}
