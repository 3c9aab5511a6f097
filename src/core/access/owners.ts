import { namespacePlaceholder } from '../../api/vaultConnection.ts';
import type { FixedClaim, VaultClaims } from '../observed/claims.ts';
import { doMeetForAll, expand, fits } from './objectPattern.ts';

/** Of the name of a namespace: a DNS label, RFC 1123. */
const longestNamespace = 63;

/**
 * The namespace for which alone a lent identity may read the object; undefined when there is none.
 * The longest namespace that fits by any pattern of the vault owns the name, whether it is allowed or not. Patterns
 * without the placeholder decide only where none with it fits. Where two are as long, none owns it.
 */
export function ownerOf(claims: VaultClaims, objectName: string): string | undefined {
  const claimants = claimantsOf(claims, objectName);
  const length = Math.max(...claimants.map((one) => one.length));
  const [owner, ...others] = claimants.filter((one) => one.length === length);
  if (owner !== undefined) return others.length === 0 ? owner : undefined;
  const [fixed, ...more] = fixedClaimantsOf(claims, objectName);
  return more.length === 0 ? fixed : undefined;
}

/** The namespaces that the name fits by patterns with the placeholder. */
function claimantsOf(claims: VaultClaims, objectName: string): readonly string[] {
  const name = objectName.toLowerCase();
  return [...new Set(claims.patterns.flatMap((pattern) => claimantsBy(claims, pattern, name)))];
}

/** The namespaces that the name fits without a placeholder. */
function fixedClaimantsOf({ fixed }: VaultClaims, objectName: string): readonly string[] {
  if (fixed.size === 0) return [];
  const name = objectName.toLowerCase();
  const found = new Set<string>();
  for (let end = 0; end <= name.length; end++) {
    const claims: readonly FixedClaim[] = fixed.get(name.slice(0, end)) ?? [];
    for (const { pattern, namespace } of claims) if (fits(pattern, name)) found.add(namespace);
  }
  return [...found];
}

/** Looks up the parts of the name where the namespace can stand, so that the cost does not grow with the namespaces. */
function claimantsBy(claims: VaultClaims, pattern: string, name: string): readonly string[] {
  const before = pattern.slice(0, pattern.indexOf(namespacePlaceholder));
  const isFixed = !before.includes('*');
  if (isFixed && !name.startsWith(before)) return [];
  const found: string[] = [];
  const lastStart = isFixed ? before.length : name.length;
  for (let start = isFixed ? before.length : 0; start <= lastStart; start++) {
    const lastEnd = Math.min(start + longestNamespace, name.length);
    for (let end = start + 1; end <= lastEnd; end++) {
      const part = name.slice(start, end);
      if (isKnown(claims, part) && fits(expand(pattern, part), name)) found.push(part);
    }
  }
  return found;
}

function isKnown({ existing, named }: VaultClaims, namespace: string): boolean {
  return existing.has(namespace) || named.has(namespace);
}

/** Two namespaces that one name can fit, in order. */
export type Overlap = readonly [string, string];

/**
 * Seen by an example of each claim: where patterns meet in a way that no example shows, one may be missing. Costs a look
 * at each namespace, so it is for a status and not for each reading.
 */
export function overlapsOf(claims: VaultClaims): readonly Overlap[] {
  const found = new Map<string, Overlap>();
  const add = (a: string, others: readonly string[]): void => {
    for (const b of others) {
      const pair: Overlap = a < b ? [a, b] : [b, a];
      if (a !== b) found.set(pair.join('/'), pair);
    }
  };
  for (const namespace of new Set([...claims.existing, ...claims.named]))
    for (const pattern of claims.patterns) {
      const example = expand(pattern, namespace).replaceAll('*', '');
      add(namespace, claimantsOf(claims, example));
      add(namespace, fixedClaimantsOf(claims, example));
    }
  for (const { pattern, namespace } of [...claims.fixed.values()].flat())
    add(namespace, fixedClaimantsOf(claims, pattern.replaceAll('*', '')));
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
}

/** Two patterns, or one twice, that meet for any two namespaces. */
export function meetingPatterns({ patterns }: VaultClaims): Overlap | undefined {
  for (const one of patterns)
    for (const other of patterns) if (doMeetForAll(one, other)) return [one, other];
  return undefined;
}
