import { getEventListeners } from 'node:events';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { createPipelineRequest, RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { redact } from '../../../src/core/redacted.ts';
import {
  createAzureHttpClient,
  type AzureHttpClientOptions,
} from '../../../src/net/azureHttpClient.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { createCertificateAuthority } from '../../testbed/azure/certificateAuthority.ts';
import { createConnectProxy } from '../../testbed/azure/connectProxy.ts';
import { caPem, startFakeTlsServer, type FakeTlsServer } from './fakeTlsServer.ts';

let server: FakeTlsServer;
let clock: ManualClock;

beforeEach(async () => {
  server = await startFakeTlsServer();
  clock = createManualClock(0);
});

afterEach(async () => {
  await server.close();
});

const vault = 'https://shop.vault.azure.net/secrets/a?api%2Dversion=1';

function aClient(options: Partial<AzureHttpClientOptions> = {}): HttpClient {
  return createAzureHttpClient({
    resolve: [{ host: '*.vault.azure.net', address: '127.0.0.1', port: server.port }],
    certificateAuthorities: [caPem],
    timeoutMs: 10_000,
    clock,
    metrics: { breaker: () => undefined },
    ...options,
  });
}

async function get(client: HttpClient, url = vault, abortSignal?: AbortSignal) {
  const request = createPipelineRequest({
    url,
    ...(abortSignal === undefined ? {} : { abortSignal }),
  });
  return client.sendRequest(request);
}

async function failureOf(sending: Promise<unknown>): Promise<RestError> {
  const thrown = await sending.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(RestError);
  return thrown as RestError;
}

describe('a request to Azure', () => {
  test('keeps the real name in TLS and in the Host header when the address is another', async () => {
    await get(aClient());
    expect(server.requests).toEqual([
      'shop.vault.azure.net shop.vault.azure.net GET /secrets/a?api%2Dversion=1',
    ]);
  });

  test('brings back status, headers and text, and sends what it was given', async () => {
    server.answer = (request, response) => {
      request.on('data', (chunk) => {
        response.writeHead(401, { 'www-authenticate': 'Bearer', 'x-a': ['1', '2'] });
        response.end(`${String(request.headers['x-b'])} ${String(chunk)}`);
      });
    };
    const request = createPipelineRequest({ url: vault, method: 'POST', body: 'a=b' });
    request.headers.set('x-b', 'c');
    const { status, headers, bodyAsText } = await aClient().sendRequest(request);
    expect({ status, headers: headers.toJSON(), bodyAsText }).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer', 'x-a': '1, 2' },
      bodyAsText: 'c a=b',
    });
  });

  test('asks for no compression, which nobody would undo', async () => {
    server.answer = ({ headers }, response) => {
      const isAsked = headers['accept-encoding']?.includes('gzip') === true;
      if (isAsked) response.setHeader('content-encoding', 'gzip').end(gzipSync('text'));
      else response.end('text');
    };
    const request = createPipelineRequest({ url: vault });
    request.headers.set('Accept-Encoding', 'gzip,deflate');
    expect((await aClient().sendRequest(request)).bodyAsText).toBe('text');
  });

  test('does not follow a redirect', async () => {
    server.answer = (_request, response) =>
      response.writeHead(302, { location: 'https://evil.vault.azure.net/' }).end();
    expect(await get(aClient())).toMatchObject({ status: 302 });
    expect(server.requests).toHaveLength(1);
  });

  test('is never sent without TLS', async () => {
    const failure = await failureOf(get(aClient(), `http://127.0.0.1:${server.port}/`));
    expect(failure.code).toBe('NOT_TLS');
  });

  test('trusts no server whose authority it was not given', async () => {
    const failure = await failureOf(get(aClient({ certificateAuthorities: [] })));
    expect(failure.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(server.requests).toEqual([]);
  });

  test('trusts the authorities it is given besides those that Node trusts, not instead', async () => {
    const usual = getCACertificates('default');
    setDefaultCACertificates([caPem]);
    try {
      const other = createCertificateAuthority('other').certificatePem;
      expect(await get(aClient({ certificateAuthorities: [other] }))).toMatchObject({
        status: 200,
      });
    } finally {
      setDefaultCACertificates(usual);
    }
  });

  test('shares its connections with all others to the host', async () => {
    const client = aClient();
    for (let round = 0; round < 20; round += 1) await get(client);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test('waits for one of 16 connections to the host', async () => {
    const client = aClient();
    await get(client);
    const answers = await Promise.all(Array.from({ length: 200 }, async () => get(client)));
    expect(answers).toHaveLength(200);
    expect(server.connections()).toBeLessThanOrEqual(16);
  });

  test('sends only text', async () => {
    const request = createPipelineRequest({ url: vault, method: 'PUT', body: new Uint8Array(1) });
    expect((await failureOf(aClient().sendRequest(request))).code).toBe('BODY_NOT_TEXT');
  });
});

describe('a request that fails', () => {
  test('says in one word why, and holds neither token nor body', async () => {
    server.answer = (_request, response) => response.destroy();
    const request = createPipelineRequest({ url: vault, method: 'POST', body: 'assertion' });
    request.headers.set('authorization', 'Bearer token');
    const failure = await failureOf(aClient().sendRequest(request));
    expect(failure.message).toBe('UND_ERR_SOCKET');
    expect(failure.request).toBeUndefined();
  });

  test('does so after its time, whether nothing comes or half an answer', async () => {
    for (const answer of [undefined, '{"value":']) {
      let isAsked = false;
      server.answer = (_request, response) => {
        isAsked = true;
        if (answer !== undefined) response.write(answer);
      };
      const failing = failureOf(get(aClient()));
      await vi.waitFor(() => expect(isAsked).toBe(true));
      await clock.advance(10_000);
      expect((await failing).code).toBe('ETIMEDOUT');
    }
  });

  test('does so when its caller gives up', async () => {
    const caller = new AbortController();
    server.answer = () => caller.abort();
    const failure = await failureOf(get(aClient(), vault, caller.signal));
    expect(failure.code).toBe('AbortError');
  });
});

test('a request that is over leaves no timer and no listener behind', async () => {
  const { signal } = new AbortController();
  const client = aClient();
  const { answer } = server;
  server.answer = (_request, response) => response.destroy();
  await failureOf(get(client, vault, signal));
  server.answer = answer;
  await get(client, vault, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('who is turned away from a host that keeps failing is told how it fails', async () => {
  const client = aClient({
    resolve: [{ host: '*.vault.azure.net', address: '127.0.0.1', port: 1 }],
  });
  for (let number = 0; number < 5; number += 1) await failureOf(get(client));
  const timers = vi.spyOn(clock, 'schedule');
  expect((await failureOf(get(client))).code).toBe('ECONNREFUSED');
  const waitForAnAnswer = [10_000, expect.anything()];
  expect(timers).not.toHaveBeenCalledWith(...waitForAnAnswer);
});

test('a host that hangs delays no request to another', async () => {
  server.answer = ({ headers }, response) => {
    if (headers.host !== 'dead.vault.azure.net') response.end('{}');
  };
  const client = aClient();
  const hanging = Array.from({ length: 8 }, async () =>
    failureOf(get(client, 'https://dead.vault.azure.net/')),
  );
  await vi.waitFor(() => expect(server.requests).toHaveLength(8));
  const waiting = failureOf(get(client, 'https://dead.vault.azure.net/'));
  await clock.advance(500);
  expect(await get(client)).toMatchObject({ status: 200 });
  await clock.advance(10_000);
  expect((await Promise.all(hanging)).map(({ code }) => code)).toEqual(Array(8).fill('ETIMEDOUT'));
  await clock.advance(10_000);
  expect((await waiting).code).toBe('ETIMEDOUT');
});

describe('a proxy', () => {
  const asked: string[] = [];
  let target: 'connect' | 'refused' = 'connect';
  const proxy = createConnectProxy((host, port) => {
    asked.push(`${host}:${port}`);
    return target === 'connect' ? { kind: 'connect', port: server.port } : { kind: 'refused' };
  });

  beforeEach(async () => {
    asked.length = 0;
    target = 'connect';
    await new Promise<void>((resolve) => {
      proxy.server.listen(0, '127.0.0.1', resolve);
    });
  });

  afterEach(async () => {
    proxy.destroyTunnels();
    await new Promise<void>((resolve) => {
      proxy.server.close(() => resolve());
      proxy.server.closeAllConnections();
    });
  });

  function throughProxy(bypass = ''): Partial<AzureHttpClientOptions> {
    const address = proxy.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { proxy: { url: redact(`http://127.0.0.1:${port}`), bypass } };
  }

  test('is asked for a tunnel to a host that is not resolved by hand', async () => {
    const client = aClient({ ...throughProxy(), resolve: [] });
    expect(await get(client)).toMatchObject({ status: 200 });
    expect(asked).toEqual(['shop.vault.azure.net:443']);
    expect(server.requests[0]).toMatch(/^shop.vault.azure.net shop.vault.azure.net /);
  });

  test('is left out where a host is resolved by hand', async () => {
    await get(aClient(throughProxy()));
    expect(asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test('is left out for the hosts that are listed', async () => {
    const client = aClient({ ...throughProxy('example.com,localhost'), resolve: [] });
    await get(client, `https://localhost:${server.port}/`);
    expect(asked).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['refuses the connection', 'http://127.0.0.1:1', 'PROXY_ECONNREFUSED'],
    // Longer than a name may be, so that no name server is asked.
    ['does not exist', `http://${'x'.repeat(64)}.invalid:3128`, 'PROXY_ENOTFOUND'],
  ])('that %s is told from the host behind it', async (_, url, code) => {
    const proxied = { proxy: { url: redact(url), bypass: '' }, resolve: [] };
    expect((await failureOf(get(aClient(proxied)))).code).toBe(code);
    const rule = { host: '*.vault.azure.net', address: '127.0.0.1', port: 2 };
    const direct = await failureOf(get(aClient({ ...proxied, resolve: [rule] })));
    expect(direct.code).toBe('ECONNREFUSED');
  });

  test('that refuses is named', async () => {
    target = 'refused';
    const failure = await failureOf(get(aClient({ ...throughProxy(), resolve: [] })));
    expect(failure.code).toBe('PROXY_403');
  });
});
