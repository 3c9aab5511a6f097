import { z } from 'zod';
import type { UnreadableObject } from '../ports/kube.ts';
import { nameLimit } from './bounded.ts';

const text = z.string().max(nameLimit);
const metadataSchema = z
  .object({
    name: text.catch(''),
    namespace: text.catch(''),
    resourceVersion: text.optional().catch(undefined),
  })
  .catch({ name: '', namespace: '', resourceVersion: undefined });
const namedSchema = z.object({ metadata: metadataSchema }).catch({
  metadata: { name: '', namespace: '', resourceVersion: undefined },
});

export type Decoded<T> =
  | { readonly object: T; readonly unreadable?: undefined }
  | { readonly unreadable: UnreadableObject };

/** An object that cannot be decoded concerns itself alone: others of its list or watch go on. */
export function decodeApart<T>(raw: unknown, decode: (raw: unknown) => T): Decoded<T> {
  try {
    return { object: decode(raw) };
  } catch {
    // Nothing but its name: what was wrong with it may quote it.
    const { name, namespace, resourceVersion } = namedSchema.parse(raw).metadata;
    const version = resourceVersion === undefined ? {} : { resourceVersion };
    return { unreadable: { namespace, name, ...version } };
  }
}
