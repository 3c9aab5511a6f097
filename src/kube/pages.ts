import { z } from 'zod';
import type { ListRequest } from '../ports/kube.ts';
import { AnswerTooLargeError } from './answer.ts';
import { maxPageBytes, pageSizeAfter, smallerPage } from './pageSize.ts';
import type { ApiClient } from './request.ts';

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().default('') }),
  // An empty list of metadata comes as null: seen on kube-apiserver 1.36.3.
  items: z
    .array(z.unknown())
    .nullable()
    .transform((items) => items ?? []),
});

/** A page as it came. */
export type RawPage = z.infer<typeof listSchema>;

export interface Paged {
  readonly path: string;
  readonly accept: string;
  readonly labelSelector?: string | undefined;
}

/**
 * Reads a collection page by page. After large objects it asks for fewer at once than it is asked for, and a page that
 * is too large all the same is left and asked for anew, in smaller ones.
 */
export function createPageReader(
  api: ApiClient,
  { path, accept, labelSelector }: Paged,
): (request: ListRequest) => Promise<RawPage> {
  let pageSize = Infinity;

  return async function readPage(request) {
    const limit = Math.min(request.limit, pageSize);
    const query = { limit, continue: request.continueToken, labelSelector };
    const { signal } = request;
    // A single object always fits: the API server stores none that is larger than such a page.
    const maxBytes = limit === 1 ? Infinity : maxPageBytes;
    try {
      const sent = { method: 'GET', path, query, accept, signal } as const;
      const { answer, bytes } = await api.sendSized(sent, maxBytes);
      const page = listSchema.parse(answer);
      pageSize = pageSizeAfter(pageSize, { count: page.items.length, bytes });
      return page;
    } catch (thrown) {
      if (!(thrown instanceof AnswerTooLargeError)) throw thrown;
      pageSize = smallerPage(limit);
      return readPage(request);
    }
  };
}
