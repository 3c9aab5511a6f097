import { isDeepStrictEqual } from 'node:util';

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is in `other` and not the same in `base`; null where something is gone. Lists of named things count as maps. */
export function difference(base: unknown, other: unknown): unknown {
  const from = byName(base);
  const to = byName(other);
  if (!isTree(from) || !isTree(to)) return plainDifference(base, other);
  const changed = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (key) => !isDeepStrictEqual(from[key], to[key]),
  );
  return Object.fromEntries(
    changed.map((key) => [
      key,
      key in to ? (key in from ? difference(from[key], to[key]) : to[key]) : null,
    ]),
  );
}

/** Of lists of words only the words that came and went. */
function plainDifference(base: unknown, other: unknown): unknown {
  if (!Array.isArray(base) || !Array.isArray(other)) return other;
  const has = (list: readonly unknown[], one: unknown): boolean =>
    list.some((member) => isDeepStrictEqual(member, one));
  return {
    without: base.filter((one) => !has(other, one)),
    with: other.filter((one) => !has(base, one)),
  };
}

function byName(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value;
  const named = value.filter((one): one is Tree => isTree(one) && typeof one['name'] === 'string');
  return named.length === value.length
    ? Object.fromEntries(named.map((one) => [String(one['name']), one]))
    : value;
}
