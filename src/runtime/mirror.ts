import type { KubeObject, ObjectName } from '../ports/kube.ts';
import type { ObjectEvent, ReflectorSink } from './reflectorSink.ts';
import { isOlder } from './resourceVersion.ts';
import { keyOf, objectKey, type Store } from './store.ts';

export interface Change<T> {
  readonly type: 'added' | 'updated' | 'deleted';
  /** The last known state when deleted. */
  readonly object: T;
  /** What the store held before; of another uid when it was deleted and made anew meanwhile. */
  readonly previous?: T;
  /** Part of the first list. */
  readonly initial: boolean;
  /**
   * Comes from `upsert` or `remove`, and the watch will not repeat it. The object may also show what
   * others changed just before: ignore it only when the write was fenced by a resourceVersion.
   */
  readonly ownWrite: boolean;
}

export type ChangeHandler<T> = (change: Change<T>) => void;

/** A list under way, and the keys that we wrote meanwhile: only of them may the store know better than the list. */
interface Listing<T> {
  readonly objects: Map<string, T>;
  readonly written: Set<string>;
}

/**
 * Brings lists, watch events and our own writes together in one store.
 * Guarantees: a handler sees a store that already holds its change; a list replaces the content in
 * one step; an object never goes back to an older resourceVersion, unless a list says so.
 */
export class Mirror<T extends KubeObject> implements ReflectorSink<T> {
  readonly #store: Store<T>;
  readonly #emit: ChangeHandler<T>;
  /** Uids that we removed and the watch may still speak of: until it tells their deletion, or a later list begins. */
  readonly #removed = new Set<string>();
  #listing: Listing<T> | undefined;
  /** The newest resourceVersion of which a list or the watch has told everything. */
  #seen = '';
  #initial = true;

  constructor(store: Store<T>, emit: ChangeHandler<T>) {
    this.#store = store;
    this.#emit = emit;
  }

  beginList(): void {
    this.#removed.clear();
    this.#listing = { objects: new Map(), written: new Set() };
  }

  page(objects: readonly T[], resourceVersion: string): void {
    // A restored etcd gives out its numbers a second time: what looks the same may be another state.
    const isRestored = isOlder(resourceVersion, this.#seen);
    for (const object of objects) {
      const key = keyOf(object);
      const held = this.#store.getByKey(key);
      const isKnown = held !== undefined && !isRestored && isSame(object, held);
      // The held object stays, so that a relist of 10,000 unchanged ones does not double the memory.
      this.#listing?.objects.set(key, isKnown ? held : object);
    }
  }

  endList(resourceVersion: string): void {
    if (this.#listing === undefined) return;
    const { objects, written } = this.#listing;
    this.#listing = undefined;
    this.#seen = resourceVersion;
    for (const key of written) this.#keepOwnWrite(objects, key, resourceVersion);
    const changes = this.#replace(objects);
    for (const change of changes) this.#emit(change);
    this.#initial = false;
  }

  change(event: ObjectEvent<T>): void {
    const { object } = event;
    this.#seen = version(object);
    const key = keyOf(object);
    const held = this.#store.getByKey(key);
    const outdated = held !== undefined && isOlder(version(object), version(held));
    if (event.type === 'deleted') {
      this.#removed.delete(object.metadata.uid);
      if (held !== undefined && !outdated) this.#delete(key, object, held, false);
      return;
    }
    if (outdated || this.#removed.has(object.metadata.uid)) return;
    if (held === undefined || !isSame(object, held)) this.#put(key, object, false);
  }

  /** In a list it goes with `endList`, as all that the list does not hold. */
  lose({ namespace, name }: ObjectName): void {
    if (this.#listing !== undefined) return;
    const key = objectKey(namespace, name);
    const held = this.#store.getByKey(key);
    if (held !== undefined) this.#delete(key, held, held, false);
  }

  /** Takes over the answer to a write of our own. */
  upsert(object: T): void {
    const key = keyOf(object);
    const held = this.#store.getByKey(key);
    // Not held although it must have been seen: it went, or lost our label, before the answer came.
    const known = held === undefined ? this.#seen : version(held);
    if (version(object) === known || isOlder(version(object), known)) return;
    this.#listing?.written.add(key);
    this.#put(key, object, true);
  }

  remove(namespace: string, name: string, uid: string): void {
    const key = objectKey(namespace, name);
    const held = this.#store.getByKey(key);
    // Not held: the watch was faster, and no later event would clear the note.
    if (held?.metadata.uid !== uid) return;
    this.#listing?.written.add(key);
    this.#removed.add(uid);
    this.#delete(key, held, held, true);
  }

  /** What we wrote while the list was read may be newer than the state that the list shows. */
  #keepOwnWrite(objects: Map<string, T>, key: string, listVersion: string): void {
    const held = this.#store.getByKey(key);
    const listed = objects.get(key);
    if (held === undefined) {
      if (listed !== undefined && this.#removed.has(listed.metadata.uid)) objects.delete(key);
      return;
    }
    const seen = listed === undefined ? listVersion : version(listed);
    if (isOlder(seen, version(held))) objects.set(key, held);
  }

  #replace(objects: ReadonlyMap<string, T>): readonly Change<T>[] {
    const changes: Change<T>[] = [];
    const origin = { initial: this.#initial, ownWrite: false };
    for (const [key, object] of objects) {
      const held = this.#store.getByKey(key);
      if (held === object) continue;
      this.#store.put(key, object);
      changes.push(changeTo(object, held, origin));
    }
    for (const key of this.#store.keys()) {
      const held = this.#store.getByKey(key);
      if (held === undefined || objects.has(key)) continue;
      this.#store.delete(key);
      changes.push({ type: 'deleted', object: held, previous: held, ...origin });
    }
    return changes;
  }

  #put(key: string, object: T, ownWrite: boolean): void {
    const held = this.#store.getByKey(key);
    this.#store.put(key, object);
    this.#emit(changeTo(object, held, { initial: false, ownWrite }));
  }

  #delete(key: string, object: T, previous: T, ownWrite: boolean): void {
    this.#store.delete(key);
    this.#emit({ type: 'deleted', object, previous, initial: false, ownWrite });
  }
}

function changeTo<T>(
  object: T,
  previous: T | undefined,
  origin: { readonly initial: boolean; readonly ownWrite: boolean },
): Change<T> {
  if (previous === undefined) return { type: 'added', object, ...origin };
  return { type: 'updated', object, previous, ...origin };
}

function version(object: KubeObject): string {
  return object.metadata.resourceVersion;
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return version(a) === version(b) && a.metadata.uid === b.metadata.uid;
}
