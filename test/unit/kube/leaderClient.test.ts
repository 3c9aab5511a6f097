import { expect, test } from 'vitest';

import { createLeaderClient } from '../../../src/kube/leaderClient.ts';
import type { ApiClient, ApiRequest } from '../../../src/kube/request.ts';
import { start } from '../runtime/startedController.ts';

function setUp() {
  const sent: ApiRequest[] = [];
  const keep = <T>(request: ApiRequest, answer: T): Promise<T> => {
    sent.push(request);
    return Promise.resolve(answer);
  };
  const api: ApiClient = {
    send: (request) => keep(request, {}),
    sendSized: (request) => keep(request, { answer: {}, bytes: 2 }),
    async stream(request) {
      sent.push(request);
      return (async function* () {})();
    },
  };
  const stop = new AbortController();
  const state = { leads: true };
  const client = createLeaderClient(api, { signal: stop.signal, isLeading: () => state.leads });
  return { client, sent, stop, state };
}

const path = '/api/v1/namespaces/shop/secrets/shop';

test('ends each request with the stop, unless it has a signal of its own', async () => {
  const { client, sent, stop } = setUp();
  const own = new AbortController().signal;
  await client.send({ method: 'PATCH', path });
  await client.sendSized({ method: 'GET', path }, 10);
  await client.stream({ method: 'GET', path, signal: own });
  expect(sent.map(({ signal }) => signal)).toEqual([stop.signal, stop.signal, own]);
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)(
  'sends no %s once it may no longer lead',
  async (method) => {
    const { client, sent, state } = setUp();
    state.leads = false;
    await expect(client.send({ method, path })).rejects.toMatchObject({ status: 0 });
    expect(sent).toEqual([]);
    state.leads = true;
    await client.send({ method, path });
    expect(sent).toHaveLength(1);
  },
);

test('goes on reading when it may no longer lead', async () => {
  const { client, sent, state } = setUp();
  state.leads = false;
  await client.send({ method: 'GET', path });
  expect(sent).toHaveLength(1);
});

test('a write that hangs ends with the stop, so that the Lease can be given back', async () => {
  const abort = new AbortController();
  const hanging: ApiClient['send'] = ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  const api = { ...setUp().client, send: hanging };
  const client = createLeaderClient(api, { signal: abort.signal, isLeading: () => true });
  const { controller, queue, clock } = start({
    abort,
    reconcile: async () => {
      await client.send({ method: 'PATCH', path });
      return {};
    },
  });
  queue.add('shop/shop');
  await clock.settle();

  const stopped = controller.stop({ graceMs: 15_000 });
  await clock.advance(15_000);
  expect(await stopped).toBe(true);
});
