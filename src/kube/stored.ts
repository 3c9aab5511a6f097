import type { ObjectMeta } from '../ports/kube.ts';
import type { Stored } from '../ports/stored.ts';

type Identifying = Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'resourceVersion'>;

/** What an informer keeps of an object: the metadata that its store needs, and the rest as core knows it. */
export function stored<T>(
  { name, namespace, uid, resourceVersion }: Identifying,
  body: T,
): Stored<T> {
  return { metadata: { name, namespace, uid, resourceVersion }, body };
}
