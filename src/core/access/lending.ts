import { namespacePlaceholder } from '../../api/vaultConnection.ts';
import type { GrantedConnection } from '../observed/connection.ts';
import type { Cloud } from '../../api/cloud.ts';
import type { AccessTokenRef, ContainerRegistryRef } from '../source/sourceRef.ts';
import { resourceScope, tokenScope } from '../source/tokenScope.ts';

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

export interface LentPatterns {
  readonly objects: readonly string[];
  /** What fits these as well belongs to another namespace. */
  readonly except: readonly string[];
}

/**
 * What `isLent` lets the namespace read, as patterns without placeholders. Where patterns meet in a way that no
 * example of one shows, an exception may be missing: it never says less than is lent.
 */
export function lentPatterns(
  { allowed, spec: { lend } }: GrantedConnection,
  namespace: string,
): LentPatterns {
  const isForAll = lend?.sharedByAll === true || allowed.length === 1;
  const patterns = (lend?.objectPatterns ?? []).filter(
    (pattern) => isForAll || pattern.includes(namespacePlaceholder),
  );
  const expanded = (pattern: string, owner: string): string =>
    pattern.replaceAll(namespacePlaceholder, owner);
  const except = patterns
    .filter((pattern) => pattern.includes(namespacePlaceholder))
    .flatMap((pattern) =>
      allowed
        .filter(({ length }) => length > namespace.length)
        .map((owner) => expanded(pattern, owner))
        .filter((other) => fits(pattern, namespace, other.replaceAll('*', ''))),
    );
  return { objects: patterns.map((pattern) => expanded(pattern, namespace)), except };
}

/** Whoever holds a token may do with it all that the identity may: never without the administrator's word for this very scope. */
export function isTokenLent(
  { spec: { lend } }: GrantedConnection,
  ref: AccessTokenRef | ContainerRegistryRef,
  cloud: Cloud,
): boolean {
  const scope = tokenScope(ref, cloud);
  if (scope === undefined) return false;
  return lend?.allowTokens?.some((resource) => resourceScope(resource, cloud) === scope) ?? false;
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
