import { interned } from '../interned.ts';

/** `namespace/name`: how request keys, indexes and our owner annotations name an object. */
export function namespacedName({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return interned(`${namespace}/${name}`);
}
