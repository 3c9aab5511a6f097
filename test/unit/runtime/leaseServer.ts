import {
  KubeApiError,
  type Lease,
  type LeaseClient,
  type LeaseWrite,
} from '../../../src/ports/kube.ts';

export type Fault = 'none' | 'refuses' | 'hangs' | 'cannot watch' | 'loses answers';

export type FaultyClient = LeaseClient & { fault: Fault };

/** One Lease, as the API server keeps it: every write is fenced by the resourceVersion. */
export interface LeaseServer {
  readonly lease: Lease | undefined;
  /** Holders in the order they wrote, without repeats. */
  readonly holders: string[];
  writes: number;
  /** A replica's connection to it, which may be made faulty. */
  connect(): FaultyClient;
  /** Somebody's hand, fenced by nothing. */
  set(lease: Lease | undefined): void;
}

type Listener = (lease: Lease | undefined) => void;

export function createLeaseServer(): LeaseServer {
  let lease: Lease | undefined;
  let version = 100;
  const listeners = new Set<Listener>();
  const set = (next: Lease | undefined): void => {
    lease = next;
    for (const listener of listeners) listener(next);
  };
  const store = ({ renewTimeMs, ...rest }: LeaseWrite): Lease => {
    version += 1;
    const renewTime = new Date(renewTimeMs).toISOString();
    const next = { ...rest, renewTime, resourceVersion: String(version) };
    server.writes += 1;
    if (server.holders.at(-1) !== rest.holder) server.holders.push(rest.holder);
    set(next);
    return next;
  };
  const update = (resourceVersion: string, write: LeaseWrite): Lease => {
    if (lease === undefined) throw refusal(404);
    if (lease.resourceVersion !== resourceVersion) throw refusal(409);
    return store(write);
  };
  const create = (write: LeaseWrite): Lease => {
    if (lease !== undefined) throw refusal(409);
    return store(write);
  };
  const connect = (): FaultyClient => {
    const client: FaultyClient = {
      fault: 'none',
      get: (signal) => answer(client, signal, () => lease),
      create: (write, signal) => answer(client, signal, () => create(write)),
      update: (resourceVersion, write, signal) =>
        answer(client, signal, () => update(resourceVersion, write)),
      watch: (_, signal) => watch(client, listeners, signal),
    };
    return client;
  };
  const server: LeaseServer = {
    get lease() {
      return lease;
    },
    holders: [],
    writes: 0,
    set,
    connect,
  };
  return server;
}

async function answer<T>(client: { fault: Fault }, signal: AbortSignal, work: () => T): Promise<T> {
  signal.throwIfAborted();
  if (client.fault === 'refuses')
    throw new KubeApiError({ status: 503, reason: '', message: 'down' });
  if (client.fault === 'hangs') return await aborted(signal);
  const result = work();
  return client.fault === 'loses answers' ? await aborted(signal) : result;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted', { cause: signal.reason })));
  });
}

async function* watch(
  client: { fault: Fault },
  listeners: Set<Listener>,
  signal: AbortSignal,
): AsyncGenerator<Lease | undefined> {
  if (client.fault !== 'none') throw refusal(503);
  const seen: (Lease | undefined)[] = [];
  let wake: () => void = () => {};
  const listener: Listener = (lease) => {
    seen.push(lease);
    wake();
  };
  listeners.add(listener);
  signal.addEventListener('abort', () => wake());
  try {
    for (;;) {
      signal.throwIfAborted();
      if (seen.length > 0) yield seen.shift();
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listener);
  }
}

function refusal(status: number): KubeApiError {
  return new KubeApiError({ status, reason: '', message: 'refused' });
}
