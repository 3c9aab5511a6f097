import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApiClient } from '../../../src/kube/request.ts';
import { createResourceSource } from '../../../src/kube/resourceSource.ts';
import { KubeApiError, type ResourceSource, type WatchEvent } from '../../../src/ports/kube.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

type Note = Stored<string>;

let server: FakeApiServer;
let source: ResourceSource<Note>;
let stop: AbortController;

beforeEach(async () => {
  server = await startFakeApiServer();
  stop = new AbortController();
  source = createResourceSource(createApiClient(server.config()), {
    resource: 'notes',
    path: '/apis/x/v1/notes',
    accept: { list: 'application/list', watch: 'application/watch' },
    labelSelector: 'a=b',
    decode,
  });
});

afterEach(async () => {
  await server.close();
});

function note(name: string, resourceVersion: string): Note {
  return { metadata: { name, namespace: 'shop', uid: name, resourceVersion }, body: name };
}

/** A decoder whose errors quote what they met, as those of a schema may. */
function decode(raw: unknown): Note {
  if (JSON.stringify(raw).includes('hunter2')) throw new Error('hunter2 is no note');
  return raw as Note;
}

const broken = { ...note('b', '7'), body: 'hunter2' };
const nameless = { metadata: { name: 7 }, body: 'hunter2' };

const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

/** The watch as far as it goes with these chunks of the answer. */
async function watched(...chunks: readonly (string | Uint8Array)[]): Promise<WatchEvent<Note>[]> {
  server.answer = (_request, response) => sendChunks(response, chunks);
  const events: WatchEvent<Note>[] = [];
  for await (const seen of source.watch({ resourceVersion: '5', signal: stop.signal })) {
    events.push(seen);
  }
  return events;
}

/** Each chunk leaves before the next is written, so that none is merged with its neighbour. */
function sendChunks(response: ServerResponse, chunks: readonly (string | Uint8Array)[]): void {
  const [first, ...rest] = chunks;
  if (first === undefined) response.end();
  else response.write(first, () => setImmediate(() => sendChunks(response, rest)));
}

describe('a list', () => {
  test('is asked for in pages, with the selector and the media type of lists', async () => {
    const items = [note('a', '3'), note('b', '4')];
    server.answer = json(200, { metadata: { resourceVersion: '9', continue: 'next' }, items });
    const page = await source.list({ limit: 2, continueToken: 'this', signal: stop.signal });
    expect(page).toEqual({ items, resourceVersion: '9', continueToken: 'next' });
    expect(server.requests[0]).toMatchObject({
      path: '/apis/x/v1/notes',
      query: { limit: '2', continue: 'this', labelSelector: 'a=b' },
      headers: { accept: 'application/list' },
    });
  });

  test.each([
    ['an empty token', { resourceVersion: '9', continue: '' }],
    ['no token', { resourceVersion: '9' }],
  ])('ends with %s, and may be empty', async (_what, metadata) => {
    server.answer = json(200, { metadata, items: null });
    const page = await source.list({ limit: 2, signal: stop.signal });
    expect(page).toEqual({ items: [], resourceVersion: '9' });
  });

  test('names what cannot be read, and holds the rest', async () => {
    const items = [note('a', '3'), broken, nameless, 'hunter2', note('c', '4')];
    server.answer = json(200, { metadata: { resourceVersion: '9' }, items });
    const page = await source.list({ limit: 5, signal: stop.signal });
    expect(page.items).toEqual([note('a', '3'), note('c', '4')]);
    expect(page.unreadable).toEqual([
      { namespace: 'shop', name: 'b', resourceVersion: '7' },
      { namespace: '', name: '' },
      { namespace: '', name: '' },
    ]);
  });

  test('says when its token is too old', async () => {
    server.answer = json(410, { reason: 'Expired', message: 'too old' });
    const listing = source.list({ limit: 2, continueToken: 'old', signal: stop.signal });
    await expect(listing).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });
});

describe('a watch', () => {
  test('resumes where it is told to, asks for bookmarks, and yields what it hears', async () => {
    const [added, modified, deleted] = [note('a', '6'), note('a', '7'), note('a', '8')];
    const bookmark = { metadata: { resourceVersion: '9' } };
    const events = await watched(
      event('ADDED', added) + event('MODIFIED', modified),
      event('DELETED', deleted) + event('BOOKMARK', bookmark),
    );
    expect(events).toEqual([
      { type: 'added', object: added },
      { type: 'modified', object: modified },
      { type: 'deleted', object: deleted },
      { type: 'bookmark', resourceVersion: '9' },
    ]);
    expect(server.requests[0]).toMatchObject({
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: '5',
        labelSelector: 'a=b',
        timeoutSeconds: '600',
      },
      headers: { accept: 'application/watch' },
    });
  });

  test('understands events in whatever pieces they come, characters of several bytes cut through', async () => {
    const object = note('größer-€-😀', '6');
    const bytes = Buffer.from(event('ADDED', object) + event('MODIFIED', object));
    const single = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
    expect(await watched(...single)).toEqual([
      { type: 'added', object },
      { type: 'modified', object },
    ]);
  });

  test.each(['ADDED', 'MODIFIED', 'DELETED'])(
    'names what cannot be read and goes on: %s',
    async (type) => {
      const object = note('a', '8');
      expect(await watched(event(type, broken), event('ADDED', object))).toEqual([
        { type: 'unreadable', object: { namespace: 'shop', name: 'b', resourceVersion: '7' } },
        { type: 'added', object },
      ]);
    },
  );

  test('drops an event that was cut off by the end', async () => {
    const object = note('a', '6');
    expect(await watched(event('ADDED', object), event('ADDED', object).slice(0, -9))).toEqual([
      { type: 'added', object },
    ]);
  });

  test('ends with the status of an ERROR event', async () => {
    const status = { code: 410, reason: 'Expired', message: 'too old resource version: 5 (9)' };
    await expect(watched(event('ERROR', status))).rejects.toMatchObject({
      status: 410,
      reason: 'Expired',
    });
  });

  test.each([410, 429, 500])(
    'ends with the status %i of an answer that is none',
    async (status) => {
      server.answer = json(status, {}, { 'retry-after': '2' });
      const watching = source.watch({ resourceVersion: '5', signal: stop.signal });
      const first = watching[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({ status, retryAfterMs: 2_000 });
    },
  );

  test('says that a broken stream is one, after what came before', async () => {
    const object = note('a', '6');
    server.answer = (_request, response) =>
      void response.write(event('ADDED', object), () => setImmediate(() => response.destroy()));
    const watching = source.watch({ resourceVersion: '5', signal: stop.signal });
    const events = watching[Symbol.asyncIterator]();
    expect(await events.next()).toEqual({ done: false, value: { type: 'added', object } });
    const end = await events.next().catch((thrown: unknown) => thrown);
    expect(end).toBeInstanceOf(KubeApiError);
    expect(end).toMatchObject({ status: 0 });
  });

  test('quotes nothing of a line that is no event', async () => {
    const end = await watched('hunter2 {\n').catch((thrown: unknown) => thrown);
    expect(end).toMatchObject({ status: 0, message: 'a watch event is not JSON' });
  });

  test('ends with the reason of its signal, lets go of it and of the connection', async () => {
    let closed = 0;
    server.answer = (_request, response) => {
      response.on('close', () => (closed += 1));
      response.write(event('ADDED', note('a', '6')));
    };
    const reason = new Error('The watch fell silent');
    const heard: string[] = [];
    const watching = async (): Promise<void> => {
      for await (const { type } of source.watch({ resourceVersion: '5', signal: stop.signal })) {
        heard.push(type);
        stop.abort(reason);
      }
    };
    await expect(watching()).rejects.toBe(reason);
    expect(heard).toEqual(['added']);
    await vi.waitFor(() => expect(closed).toBe(1));
    await vi.waitFor(() => expect(getEventListeners(stop.signal, 'abort')).toEqual([]));
  });

  test('closes the connection when its reader turns away', async () => {
    let closed = 0;
    server.answer = (_request, response) => {
      response.on('close', () => (closed += 1));
      response.write(event('ADDED', note('a', '6')));
    };
    for await (const _event of source.watch({ resourceVersion: '5', signal: stop.signal })) break;
    await vi.waitFor(() => expect(closed).toBe(1));
  });
});
