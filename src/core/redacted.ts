const values = new WeakMap<object, unknown>();

/**
 * A value that no log, JSON or error text can show.
 * Invariant: the value is reachable only through `reveal`, so a search for its callers lists every use.
 */
export interface Redacted<T> {
  readonly redacted: true;
  /** Keeps the type parameter distinct; never present. */
  readonly of?: T;
}

export function redact<T>(value: T): Redacted<T> {
  const redacted: Redacted<T> = Object.freeze({ redacted: true });
  values.set(redacted, value);
  return redacted;
}

export function reveal<T>(redacted: Redacted<T>): T {
  if (!values.has(redacted)) throw new TypeError('not a redacted value');
  // The map holds for each object what `redact` was given with the same type.
  return values.get(redacted) as T;
}
