import { namespacePlaceholder } from '../../api/vaultConnection.ts';
import type { Cloud } from '../../api/cloud.ts';
import { hasPlaceholder, isForOne } from './grants.ts';
import type { VaultClaims } from '../observed/claims.ts';
import type { GrantedConnection } from '../observed/connection.ts';
import type { AccessTokenRef, ContainerRegistryRef } from '../source/sourceRef.ts';
import { resourceScope, tokenScope } from '../source/tokenScope.ts';
import { doMeet, expand, fits } from './objectPattern.ts';
import { ownerOf } from './owners.ts';

/**
 * Whether a lent identity may read the object for this namespace, decided from names alone and before any request.
 * Guarantees: at most one namespace may, over all ClusterVaultConnections to the vault. Only a pattern that an
 * administrator shares on purpose lends to several.
 */
export function isLent(
  connection: GrantedConnection,
  namespace: string,
  objectName: string,
): boolean {
  if (!connection.allowed.includes(namespace)) return false;
  const name = objectName.toLowerCase();
  const fitting = usablePatterns(connection).filter((one) => fits(expand(one, namespace), name));
  if (fitting.length === 0) return false;
  return (
    fitting.some((pattern) => isShared(connection, pattern)) ||
    ownerOf(connection.claims, name) === namespace
  );
}

/** A pattern without the placeholder lends only to one namespace, or to all on purpose. */
function usablePatterns(connection: GrantedConnection): readonly string[] {
  const { objectPatterns = [], sharedByAll } = connection.spec.lend ?? {};
  const isAny = sharedByAll === true || isForOne(connection);
  return isAny ? objectPatterns : objectPatterns.filter(hasPlaceholder);
}

function isShared({ spec: { lend } }: GrantedConnection, pattern: string): boolean {
  return lend?.sharedByAll === true && !hasPlaceholder(pattern);
}

export interface LentPatterns {
  readonly objects: readonly string[];
  /** What fits these as well is not lent. */
  readonly except: readonly string[];
}

/**
 * What `isLent` lets the namespace read, as patterns without placeholders. Exact where all patterns of the connection
 * hold the placeholder and none is shared; otherwise it may say more than is lent, and never less.
 */
export function lentPatterns(connection: GrantedConnection, namespace: string): LentPatterns {
  const usable = usablePatterns(connection);
  const isSharedOne = (pattern: string): boolean => isShared(connection, pattern);
  const shared = usable.filter(isSharedOne).map((pattern) => expand(pattern, namespace));
  const own = usable.filter((pattern) => !isSharedOne(pattern));
  const except = rivalsOf(
    connection.claims,
    namespace,
    own.map((pattern) => expand(pattern, namespace)),
  ).filter((rival) => !doesMeetOne(shared, rival));
  const objects = usable.map((pattern) => pattern.replaceAll(namespacePlaceholder, namespace));
  return { objects, except: [...new Set(except)] };
}

/** What is claimed for other namespaces of what these patterns of the namespace fit. */
function rivalsOf(
  { patterns, fixed, existing, named }: VaultClaims,
  namespace: string,
  own: readonly string[],
): readonly string[] {
  const claimsBy = (one: string): readonly string[] => patterns.map((each) => expand(each, one));
  const others = [...new Set([...existing, ...named])].filter((one) => one !== namespace);
  const isLonger = ({ length }: string): boolean => length >= namespace.length;
  const stronger = others.filter(isLonger).flatMap(claimsBy);
  const fixedOnes = [...fixed.values()].flat().filter((one) => one.namespace !== namespace);
  const weaker = [
    ...others.filter((one) => !isLonger(one)).flatMap(claimsBy),
    ...fixedOnes.map(({ pattern }) => pattern),
  ];
  const claimed = claimsBy(namespace);
  return [...stronger, ...weaker.filter((rival) => !doesMeetOne(claimed, rival))].filter((rival) =>
    doesMeetOne(own, rival),
  );
}

function doesMeetOne(patterns: readonly string[], rival: string): boolean {
  return patterns.some((pattern) => doMeet(pattern, rival));
}

/** The holder of a token may do with it all that the identity may, so the administrator must allow this very scope. */
export function isTokenLent(
  { spec: { lend } }: GrantedConnection,
  ref: AccessTokenRef | ContainerRegistryRef,
  cloud: Cloud,
): boolean {
  const scope = tokenScope(ref, cloud);
  if (scope === undefined) return false;
  return lend?.allowTokens?.some((resource) => resourceScope(resource, cloud) === scope) ?? false;
}
