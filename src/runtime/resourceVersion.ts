const DECIMAL = /^(0|[1-9][0-9]*)$/;

/**
 * Whether `a` is the older of two resourceVersions of the same resource type, which may be numbers
 * of any length. Versions that are no numbers cannot be compared: false.
 * See https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function isOlder(a: string, b: string): boolean {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
