import { KubeApiError } from '../ports/kube.ts';

/** A parsed answer, and how long it was. */
export interface SizedAnswer {
  readonly answer: unknown;
  readonly bytes: number;
}

/** There is more of an answer than its reader takes. Nothing of it was kept. */
export class AnswerTooLargeError extends KubeApiError {
  constructor() {
    super({ status: 0, reason: '', message: 'the API server answered with more than was taken' });
  }
}

/** Ends at the first part that is too much. Each part is let go once it is text, so that no answer is held twice as bytes. */
export async function readAnswer(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<SizedAnswer> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > maxBytes) throw new AnswerTooLargeError();
    text += decoder.decode(part, { stream: true });
  }
  return { answer: parse(text + decoder.decode()), bytes };
}

/** The parser's own text would quote the answer. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeApiError({
      status: 0,
      reason: '',
      message: 'the API server answered with something else than JSON',
    });
  }
}
