import { interned } from '../interned.ts';
import type { KubeObject } from '../ports/kube.ts';

/** Which values an object is found by. Must be pure: it is asked again to take the object out. */
export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** What the informer holds, as others may read it. */
export interface ReadableStore<T extends KubeObject> {
  readonly size: number;
  get(namespace: string, name: string): T | undefined;
  list(): readonly T[];
  /** The objects whose index function named `value`. Throws for an index that was not declared. */
  byIndex(index: string, value: string): readonly T[];
}

/** The key of an object, also in a workqueue: `namespace/name`, or `name` when it belongs to no namespace. */
export function objectKey(namespace: string, name: string): string {
  return namespace === '' ? name : interned(`${namespace}/${name}`);
}

/** The reverse of `objectKey`. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: '', name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The key of this object. */
export function keyOf({ metadata }: KubeObject): string {
  return objectKey(metadata.namespace, metadata.name);
}

/** Objects by key, with secondary indexes that are always in step with them. */
export class Store<T extends KubeObject> implements ReadableStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: ReadonlyMap<string, Index<T>>;

  constructor(indexes: Indexes<T> = {}) {
    this.#indexes = new Map(
      Object.entries(indexes).map(([name, valuesOf]) => [name, new Index(valuesOf)]),
    );
  }

  get size(): number {
    return this.#objects.size;
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(objectKey(namespace, name));
  }

  getByKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  byIndex(index: string, value: string): readonly T[] {
    const found: T[] = [];
    for (const key of this.#index(index).keys(value)) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  put(key: string, object: T): void {
    const previous = this.#objects.get(key);
    for (const index of this.#indexes.values()) index.move(key, previous, object);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    const previous = this.#objects.get(key);
    for (const index of this.#indexes.values()) index.move(key, previous, undefined);
    this.#objects.delete(key);
  }

  #index(name: string): Index<T> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`The store has no index "${name}"`);
    return index;
  }
}

class Index<T> {
  readonly #valuesOf: (object: T) => readonly string[];
  /** A lone key stands for itself: most values have one, and 10,000 sets of one cost megabytes. Sets hold two or more. */
  readonly #keys = new Map<string, string | Set<string>>();

  constructor(valuesOf: (object: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  keys(value: string): Iterable<string> {
    const keys = this.#keys.get(value);
    if (keys === undefined) return [];
    return typeof keys === 'string' ? [keys] : keys;
  }

  move(key: string, from: T | undefined, to: T | undefined): void {
    const before = from === undefined ? [] : this.#valuesOf(from);
    const after = to === undefined ? [] : this.#valuesOf(to);
    for (const value of before) if (!after.includes(value)) this.#remove(value, key);
    for (const value of after) if (!before.includes(value)) this.#add(value, key);
  }

  #add(value: string, key: string): void {
    const keys = this.#keys.get(value);
    if (keys === undefined) this.#keys.set(value, key);
    else if (typeof keys !== 'string') keys.add(key);
    else if (keys !== key) this.#keys.set(value, new Set([keys, key]));
  }

  #remove(value: string, key: string): void {
    const keys = this.#keys.get(value);
    if (keys === key) this.#keys.delete(value);
    if (keys === undefined || typeof keys === 'string') return;
    keys.delete(key);
    const [only] = keys;
    if (keys.size === 1 && only !== undefined) this.#keys.set(value, only);
  }
}
