import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient, ObjectName, Scope, WatchEvent } from './kubeClient.ts';
import type { KubeObject, Resource } from './kubeResources.ts';
import { KubeRequestError } from './kubeTransport.ts';

/** What is waited for. */
export interface Condition<State, Result> {
  /** Completes "waited N ms for …". */
  readonly what: string;
  /** Whatever is neither undefined nor false ends the wait and is its result. */
  readonly holds: (state: State) => Result | undefined | false;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 15_000;
const shownObjects = 5;

/**
 * Waits by watching until the condition holds of the object, which is undefined while there is none.
 * @throws Error after the time-out, with the state of the object but no values
 */
export function untilObject<T extends KubeObject, Result>(
  client: KubeClient,
  resource: Resource<T>,
  at: ObjectName,
  condition: Condition<T | undefined, Result>,
): Promise<Result> {
  return untilObjects(client, resource, at, {
    ...condition,
    holds: (objects) => condition.holds([...objects.values()][0]),
  });
}

/** The same of all objects in the scope, by `namespace/name`. */
export async function untilObjects<T extends KubeObject, Result>(
  client: KubeClient,
  resource: Resource<T>,
  scope: Scope,
  condition: Condition<ReadonlyMap<string, T>, Result>,
): Promise<Result> {
  const { what, holds, timeoutMs = defaultTimeoutMs } = condition;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const objects = new Map<string, T>();
  try {
    for await (const _ of changes(client, { resource, scope, objects, signal: stop.signal })) {
      const result = holds(objects);
      if (result !== undefined && result !== false) return result;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  const seen = [...objects].slice(0, shownObjects).map(([key, object]) => describe(key, object));
  throw new Error(
    `waited ${timeoutMs} ms for ${what}; ${objects.size} ${resource.plural} were there` +
      (seen.length > 0 ? `:\n${seen.join('\n')}` : ''),
  );
}

/**
 * Waits until objects of this type are served, or no longer: both come a moment after what the CRD says.
 * @throws Error after the time-out
 */
export async function untilServed(
  client: KubeClient,
  resource: Resource,
  served: boolean,
): Promise<void> {
  const signal = AbortSignal.timeout(defaultTimeoutMs);
  while ((await isServed(client, resource)) !== served) {
    if (signal.aborted) {
      const state = served ? 'not served' : 'still served';
      throw new Error(`${resource.plural} are ${state} after ${defaultTimeoutMs} ms`);
    }
    await sleep(20);
  }
}

/** Undefined in between: just established, a type answers 429 until its storage is ready. */
async function isServed(client: KubeClient, resource: Resource): Promise<boolean | undefined> {
  try {
    await client.list(resource);
    return true;
  } catch (error) {
    if (!(error instanceof KubeRequestError)) throw error;
    if (error.status === 404) return false;
    if (error.status === 429) return undefined;
    throw error;
  }
}

/** Keeps `objects` up to date, and yields after the first list and each change. */
async function* changes<T extends KubeObject>(
  client: KubeClient,
  watched: {
    resource: Resource<T>;
    scope: Scope;
    objects: Map<string, T>;
    signal: AbortSignal;
  },
): AsyncGenerator<void> {
  const { resource, scope, objects, signal } = watched;
  for (;;) {
    const { items, resourceVersion } = await client.list(resource, scope, signal);
    objects.clear();
    for (const item of items) objects.set(keyOf(item), item);
    yield;
    try {
      for await (const event of client.watch(resource, scope, { resourceVersion, signal })) {
        take(event, objects);
        yield;
      }
    } catch (error) {
      const isExpired = error instanceof KubeRequestError && error.status === 410;
      if (!isExpired) throw error;
    }
  }
}

function take<T extends KubeObject>(
  { type, object }: WatchEvent<T>,
  objects: Map<string, T>,
): void {
  if (type === 'DELETED') objects.delete(keyOf(object));
  else objects.set(keyOf(object), object);
}

function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined
    ? metadata.name
    : `${metadata.namespace}/${metadata.name}`;
}

/** Annotations and data may hold values: of those, the keys at most. */
function describe(key: string, object: KubeObject): string {
  const { metadata, status, data } = object;
  const { uid, generation, resourceVersion, deletionTimestamp } = metadata;
  const dataKeys = typeof data === 'object' && data !== null ? Object.keys(data) : undefined;
  const shown = { uid, generation, resourceVersion, deletionTimestamp, dataKeys, status };
  return `  ${key} ${JSON.stringify(shown)}`;
}
