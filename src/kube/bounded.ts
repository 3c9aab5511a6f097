import { createHash } from 'node:crypto';
import { interned } from '../interned.ts';

/** Of a name of an object: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
export const nameLimit = 253;
/** `namespace/name`. */
export const namespacedNameLimit = 63 + 1 + nameLimit;
/** Prefix, slash and name of a label, annotation or finalizer: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const qualifiedNameLimit = 253 + 1 + 63;
export const uidLimit = 36;
/** Of an id that a user writes: what stands too much in it, such as a line break, is quoted in the message that refuses it. */
export const writtenIdLimit = 64;

/**
 * A copy of a text that a tenant brings, with at most `limit` characters of it. What was cut ends in an ellipsis, so that
 * it is longer than any text that fits and equal to none that means something.
 */
export function cut(text: string, limit: number): string {
  return interned(text.length <= limit ? text : `${text.slice(0, limit)}…`);
}

/** The same for a text that is only compared: two long ones that differ stay different. */
export function cutApart(text: string, limit: number): string {
  if (text.length <= limit) return interned(text);
  return cut(text, limit) + createHash('sha256').update(text).digest('base64url');
}

/** As many as `limit`, each cut. */
export function cutAll(texts: readonly string[], count: number, limit: number): readonly string[] {
  return texts.slice(0, count).map((text) => cut(text, limit));
}
