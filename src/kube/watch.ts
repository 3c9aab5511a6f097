import { z } from 'zod';
import { KubeApiError, type WatchEvent } from '../ports/kube.ts';
import { quotable } from './refusal.ts';
import type { ApiClient, ApiRequest } from './request.ts';
import { decodeApart } from './unreadable.ts';

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
  const read = createEventReader(decode, path);
  for await (const chunk of body) {
    for (const { event, failure } of read(chunk)) {
      if (event === undefined) throw failure;
      yield event;
    }
  }
}

interface Read<T> {
  readonly event?: WatchEvent<T>;
  readonly failure?: unknown;
}

/**
 * Keeps nothing of what it has read but the beginning of an event that is still to come. Values may stand in it, and
 * a generator that waits holds on to all that its locals held last: so no text is a local of one, and bytes are erased.
 */
function createEventReader<T>(
  decode: (raw: unknown) => T,
  path: string,
): (chunk: Uint8Array) => readonly Read<T>[] {
  const decoder = new TextDecoder();
  let rest = '';
  const readLine = (line: string): Read<T> => {
    try {
      return { event: decodeEvent(line, decode, path) };
    } catch (failure) {
      return { failure };
    }
  };
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    chunk.fill(0);
    rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '').map(readLine);
  };
}

function decodeEvent<T>(line: string, decode: (raw: unknown) => T, path: string): WatchEvent<T> {
  const { type, object } = eventSchema.parse(parseLine(line));
  switch (type) {
    case 'ADDED':
      return changed('added', object, decode);
    case 'MODIFIED':
      return changed('modified', object, decode);
    case 'DELETED':
      return changed('deleted', object, decode);
    case 'BOOKMARK':
      return {
        type: 'bookmark',
        resourceVersion: bookmarkSchema.parse(object).metadata.resourceVersion,
      };
    default: {
      const { code, reason, message } = errorSchema.parse(object);
      throw new KubeApiError(quotable(path, { status: code, reason, message }));
    }
  }
}

function changed<T>(
  type: 'added' | 'modified' | 'deleted',
  raw: unknown,
  decode: (raw: unknown) => T,
): WatchEvent<T> {
  const decoded = decodeApart(raw, decode);
  return decoded.unreadable === undefined
    ? { type, object: decoded.object }
    : { type: 'unreadable', object: decoded.unreadable };
}

/** The parser's own text would quote the line. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new KubeApiError({ status: 0, reason: '', message: 'a watch event is not JSON' });
  }
}
