import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkCluster, PreflightError } from '../../../src/kube/preflight.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { createResourceSource } from '../../../src/kube/resourceSource.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

const list = json(200, { metadata: { resourceVersion: '1' }, items: [] });
const never = new AbortController().signal;
let server: FakeApiServer;

beforeEach(async () => {
  server = await startFakeApiServer(list);
});
afterEach(async () => {
  await server.close();
});

const accept = { list: 'application/json', watch: 'application/json' };
const decode = (): never => {
  throw new Error('there is nothing to decode');
};

function check(signal = never): Promise<void> {
  const api = createApiClient(server.config());
  const sources = ['vaultsecrets', 'secrets'].map((resource) =>
    createResourceSource(api, { resource, path: `/${resource}`, accept, decode }),
  );
  return checkCluster(sources, server.url, signal);
}

describe('the check before the start', () => {
  test('asks for one of each that will be watched', async () => {
    await check();

    expect(server.requests.map(({ path, query }) => `${path} ${query['limit']}`)).toEqual([
      '/vaultsecrets 1',
      '/secrets 1',
    ]);
  });

  test.each([
    [401, /does not accept the credentials \(status 401\)$/],
    [403, /refuses to list vaultsecrets \(status 403\) and names no missing right:/],
    [404, /CustomResourceDefinition vaultsecrets.vaultsecret.dev is not installed/],
    [500, /does not list vaultsecrets \(status 500\)$/],
  ])('explains a %i', async (status, message) => {
    server.answer = json(status, {});

    const checking = check();

    await expect(checking).rejects.toThrow(PreflightError);
    await expect(checking).rejects.toThrow(message);
  });

  test('explains which of them may not be listed', async () => {
    const message =
      'secrets is forbidden: User "system:serviceaccount:a:b" cannot list resource "secrets" in API group "" at the cluster scope';
    server.answer = (request, response) =>
      (request.path === '/secrets' ? json(403, { message }) : list)(request, response);

    await expect(check()).rejects.toThrow(/may not list secrets:/);
  });

  test('explains an API server that does not answer', async () => {
    server.answer = (_request, response) => response.destroy();

    await expect(check()).rejects.toThrow(/^cannot reach the API server/);
  });

  test('ends in peace when it is stopped before an answer came', async () => {
    const stop = new AbortController();
    server.answer = () => stop.abort(new Error('SIGTERM'));

    await expect(check(stop.signal)).resolves.toBeUndefined();
  });
});
