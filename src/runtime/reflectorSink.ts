import type { UnreadableObject, WatchEvent } from '../ports/kube.ts';

export type ObjectEvent<T> = Exclude<WatchEvent<T>, { readonly type: 'bookmark' | 'unreadable' }>;

/**
 * Where the reflector puts what it reads.
 * Expected flow: `beginList`, `page` for each page, `endList`, then `change`s; `beginList` again
 * may follow at any time, and drops the pages that no `endList` has followed.
 */
export interface ReflectorSink<T> {
  beginList(): void;
  /** `resourceVersion`: of the state that the page shows. */
  page(objects: readonly T[], resourceVersion: string): void;
  endList(resourceVersion: string): void;
  change(event: ObjectEvent<T>): void;
  /**
   * What the object is now cannot be read, so that nothing may rest on what it was: a grant may have been taken back.
   * In a list it is among no page's objects.
   */
  lose(object: UnreadableObject): void;
}
