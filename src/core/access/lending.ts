import { namespacePlaceholder } from '../../api/vaultConnection.ts';
import type { GrantedConnection } from '../observed/connection.ts';

/**
 * Whether a lent identity may read the object for this namespace, told from names alone and before any
 * request. Names compare without case, as in Key Vault.
 * A name that fits several allowed namespaces belongs to the longest: `{namespace}-*` lets neither `a` nor
 * anybody else read what is `a-b`'s.
 */
export function isLent(
  { allowed, spec: { lend } }: GrantedConnection,
  namespace: string,
  objectName: string,
): boolean {
  if (lend === undefined) return false;
  return lend.objectPatterns.some((pattern) => {
    if (!pattern.includes(namespacePlaceholder))
      return (lend.sharedByAll === true || allowed.length === 1) && fits(pattern, '', objectName);
    const owners = allowed.filter((candidate) => fits(pattern, candidate, objectName));
    return owners.includes(namespace) && owners.every(({ length }) => length <= namespace.length);
  });
}

function fits(pattern: string, namespace: string, objectName: string): boolean {
  const parts = pattern.toLowerCase().replaceAll(namespacePlaceholder, namespace).split('*');
  const name = objectName.toLowerCase();
  const [first = ''] = parts;
  if (parts.length === 1) return name === first;
  const last = parts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from + last.length <= name.length;
}
