/**
 * What is held under a name that a user chose. Objects of Key Vault may be named `constructor` or `toString`, which each
 * JavaScript object inherits: a plain look-up finds a function there.
 */
export function ownProperty<T>(
  record: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
