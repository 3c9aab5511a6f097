import { describe, expect, test } from 'vitest';
import type { ApiClient } from '../../../src/kube/request.ts';
import { watch } from '../../../src/kube/watch.ts';

/** An API server that sends these chunks and closes the stream. */
function sending(...chunks: readonly Uint8Array[]): ApiClient {
  return {
    send: () => Promise.reject(new Error('not asked for')),
    sendSized: () => Promise.reject(new Error('not asked for')),
    async stream() {
      return (async function* () {
        yield* chunks;
      })();
    },
  };
}

const event = (name: string): string => `${JSON.stringify({ type: 'ADDED', object: { name } })}\n`;
const decode = (raw: unknown): string => JSON.stringify(raw);

async function read(...chunks: readonly Uint8Array[]) {
  const seen: string[] = [];
  const { signal } = new AbortController();
  const events = watch(sending(...chunks), { path: '/x', signal }, decode);
  try {
    for await (const one of events) if (one.type === 'added') seen.push(one.object);
  } catch (thrown) {
    return { seen, thrown };
  }
  return { seen };
}

describe('a watch', () => {
  test('puts together what was cut anywhere, also within a character', async () => {
    const bytes = Buffer.from(event('grüße') + event('b'));
    for (let at = 0; at <= bytes.length; at += 1) {
      const halves = [Buffer.from(bytes.subarray(0, at)), Buffer.from(bytes.subarray(at))];
      const { seen } = await read(...halves);
      expect(seen).toEqual(['{"name":"grüße"}', '{"name":"b"}']);
    }
  });

  test('erases what it has read: there may be values in it, and it may wait for long', async () => {
    const chunk = Buffer.from(event('a value'));

    await read(chunk);

    expect(chunk.every((byte) => byte === 0)).toBe(true);
  });

  test('tells what came before a failure, even in the same piece', async () => {
    const failure = `${JSON.stringify({ type: 'ERROR', object: { code: 410 } })}\n`;

    const { seen, thrown } = await read(Buffer.from(event('a') + failure + event('b')));

    expect(seen).toEqual(['{"name":"a"}']);
    expect(thrown).toMatchObject({ status: 410 });
  });

  test('that sends something else than events says so without quoting it', async () => {
    const { thrown } = await read(Buffer.from('a value\n'));

    expect(thrown).toMatchObject({ message: 'a watch event is not JSON' });
  });
});
