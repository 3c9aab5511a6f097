import type { KubeObject } from './kube.ts';

/** What an informer keeps: the metadata that the store needs, and the object as core knows it. */
export interface Stored<T> extends KubeObject {
  readonly body: T;
}
