import { namespacePlaceholder } from '../../api/vaultConnection.ts';

/** The pattern for one namespace. Lower case, because Key Vault compares names without case. */
export function expand(pattern: string, namespace: string): string {
  return pattern.toLowerCase().replaceAll(namespacePlaceholder, namespace);
}

/** `pattern` without placeholders, both in lower case. A star stands for any text, and for none. */
export function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
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

/** Whether some name fits both, however long it would be. */
export function doMeet(one: string, other: string): boolean {
  if (!one.includes('*')) return fits(other, one);
  if (!other.includes('*')) return fits(one, other);
  // Between the ends, the stars of each take in all that the other asks for.
  return begins(headOf(one), headOf(other)) && ends(tailOf(one), tailOf(other));
}

/** Whether two patterns with placeholders meet, whichever two namespaces they are for. */
export function doMeetForAll(one: string, other: string): boolean {
  if (!one.includes('*') || !other.includes('*')) return false;
  const heads = [headOf(one), headOf(other)] as const;
  const tails = [tailOf(one), tailOf(other)] as const;
  return isFree(...heads) && begins(...heads) && isFree(...tails) && ends(...tails);
}

/** What both have in common does not depend on a namespace. */
function isFree(one: string, other: string): boolean {
  const shorter = one.length < other.length ? one : other;
  return !shorter.includes(namespacePlaceholder);
}

const headOf = (pattern: string): string => pattern.slice(0, pattern.indexOf('*'));
const tailOf = (pattern: string): string => pattern.slice(pattern.lastIndexOf('*') + 1);
const begins = (one: string, other: string): boolean =>
  one.startsWith(other) || other.startsWith(one);
const ends = (one: string, other: string): boolean => one.endsWith(other) || other.endsWith(one);
