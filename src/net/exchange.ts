import {
  createHttpHeaders,
  RestError,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { request as send, type Dispatcher } from 'undici';
import type { Clock } from '../ports/system.ts';

/** The dispatcher follows no redirect. */
export async function exchange(
  request: PipelineRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<PipelineResponse> {
  const { statusCode, headers, body } = await send(request.url, {
    method: request.method,
    headers: headersOf(request),
    body: bodyOf(request),
    signal,
    dispatcher,
  });
  const received = createHttpHeaders();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) received.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { request, status: statusCode, headers: received, bodyAsText: await body.text() };
}

/** The pipeline offers compression and leaves it to the client to undo it; answers are small. */
function headersOf(request: PipelineRequest): Record<string, string> {
  const { 'accept-encoding': _, ...headers } = request.headers.toJSON();
  return headers;
}

function bodyOf({ body }: PipelineRequest): string | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return body;
  throw new RestError('BODY_NOT_TEXT', { code: 'BODY_NOT_TEXT' });
}

interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Leaves nothing behind: neither a timer nor a listener on the caller's signal. */
export function startDeadline(
  clock: Clock,
  timeoutMs: number,
  caller: PipelineRequest['abortSignal'],
): Deadline {
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  const cancel = clock.schedule(timeoutMs, () =>
    abort.abort(new RestError('TIMEOUT', { code: 'ETIMEDOUT' })),
  );
  if (caller?.aborted === true) giveUp();
  caller?.addEventListener('abort', giveUp);
  return {
    signal: abort.signal,
    [Symbol.dispose]() {
      cancel();
      caller?.removeEventListener('abort', giveUp);
    },
  };
}
