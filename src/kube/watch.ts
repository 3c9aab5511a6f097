import { z } from 'zod';
import { KubeApiError, type WatchEvent } from '../ports/kube.ts';
import type { ApiClient, ApiRequest } from './request.ts';

const eventSchema = z.object({ type: z.string(), object: z.unknown().optional() });
const bookmarkSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const errorSchema = z.object({
  code: z.number().default(500),
  reason: z.string().default(''),
  message: z.string().default(''),
});

export type WatchQuery = Pick<ApiRequest, 'path' | 'query' | 'accept'> & {
  readonly signal: AbortSignal;
};

/**
 * Events as they arrive; ends without an error when the server closes the stream.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 * @throws KubeApiError, or the signal's reason
 */
export async function* watch<T>(
  api: ApiClient,
  { path, query, ...rest }: WatchQuery,
  decode: (raw: unknown) => T,
): AsyncGenerator<WatchEvent<T>> {
  const body = await api.stream({ method: 'GET', path, query: { ...query, watch: true }, ...rest });
  for await (const line of linesOf(body)) yield decodeEvent(line, decode);
}

function decodeEvent<T>(line: string, decode: (raw: unknown) => T): WatchEvent<T> {
  const { type, object } = eventSchema.parse(parseLine(line));
  switch (type) {
    case 'ADDED':
      return { type: 'added', object: decode(object) };
    case 'MODIFIED':
      return { type: 'modified', object: decode(object) };
    case 'DELETED':
      return { type: 'deleted', object: decode(object) };
    case 'BOOKMARK':
      return {
        type: 'bookmark',
        resourceVersion: bookmarkSchema.parse(object).metadata.resourceVersion,
      };
    default: {
      const { code, reason, message } = errorSchema.parse(object);
      throw new KubeApiError({ status: code, reason, message });
    }
  }
}

/** The parser's own text would quote the line. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new KubeApiError({ status: 0, reason: '', message: 'a watch event is not JSON' });
  }
}

/** What is left after the last line break is part of an event that was cut off. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}
