import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { mostConnections } from '../../../src/observability/connectionLimit.ts';
import { createExposition } from '../../../src/observability/exposition.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { ListenError } from '../../../src/observability/listen.ts';
import { serveObservability, type ObservabilityServer } from '../../../src/observability/server.ts';
import { createManualClock } from '../../support/manualClock.ts';

let server: ObservabilityServer;
let hanging: string | undefined;
let isReady: boolean;
const levels: string[] = [];

const depsOn = (host: string) => ({
  host,
  metrics: createExposition(
    createMetrics('1', createManualClock(0)).registry,
    createManualClock(0),
  ),
  hanging: () => hanging,
  isReady: () => isReady,
  setLogLevel: (level: string) => levels.push(level) > 0 && level === 'debug',
});

const serve = async (port: number): Promise<ObservabilityServer> =>
  serveObservability({ ...depsOn('127.0.0.1'), port });

beforeEach(async () => {
  hanging = undefined;
  isReady = false;
  server = await serve(0);
});

afterEach(async () => {
  await server.close();
});

async function get(path: string): Promise<{ status: number; type: unknown; text: string }> {
  const { statusCode, headers, body } = await request(`http://127.0.0.1:${server.port}${path}`);
  return { status: statusCode, type: headers['content-type'], text: await body.text() };
}

describe('the server', () => {
  test('tells health and readiness apart', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await get('/readyz')).toMatchObject({ status: 503, text: 'not yet\n' });
    isReady = true;
    expect(await get('/readyz?verbose')).toMatchObject({ status: 200, text: 'ok\n' });
    hanging = 'informer secrets has made no progress for 612 s';
    expect(await get('/healthz')).toMatchObject({ status: 503, text: `${hanging}\n` });
  });

  test('gives the metrics to Prometheus', async () => {
    const { status, type, text } = await get('/metrics');
    expect({ status, type }).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
    });
    expect(text).toContain('# TYPE leader_election_master_status gauge');
    expect(text).toContain('process_cpu_seconds_total');
  });

  test('answers a probe while others hold on to more connections than it keeps', async () => {
    const held: Socket[] = [];
    let closed = 0;
    for (let index = 0; index < mostConnections + 50; index += 1) {
      const socket = connect(server.port, '127.0.0.1').resume();
      socket.on('close', () => (closed += 1));
      held.push(socket);
      // One by one: a kernel drops what comes while 511 wait to be accepted.
      await once(socket, 'connect');
    }
    await vi.waitFor(() => expect(closed).toBe(50));

    expect(await get('/healthz')).toMatchObject({ status: 200 });
    await vi.waitFor(() => expect(closed).toBe(51));
    for (const socket of held) socket.destroy();
  });

  test('changes the log level for whoever is on this host', async () => {
    const put = async (body: string) =>
      (await request(`http://127.0.0.1:${server.port}/log-level`, { method: 'PUT', body }))
        .statusCode;
    expect(await put('debug\n')).toBe(200);
    expect(await put('loud')).toBe(400);
    expect(levels).toEqual(['debug', 'loud']);
    expect(await get('/log-level')).toMatchObject({ status: 405 });
  });

  test('changes the log level for nobody else', async () => {
    const [address] = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal);
    const host = address?.address ?? '127.0.0.2';
    const open = await serveObservability({ ...depsOn(host), port: 0 });
    const url = `http://${host}:${open.port}/log-level`;
    const { statusCode } = await request(url, { method: 'PUT', body: 'debug' });
    await open.close();
    expect(statusCode).toBe(403);
  });

  test('knows no other path', async () => {
    expect(await get('/')).toMatchObject({ status: 404 });
  });

  test('says in one line that its port is taken', async () => {
    const second = serve(server.port);
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(
      `cannot listen on 127.0.0.1:${server.port} (EADDRINUSE); choose another with --listen`,
    );
  });

  test('closes at once, whoever is still connected', async () => {
    await get('/healthz');
    const other = await serve(0);
    await request(`http://127.0.0.1:${other.port}/healthz`).then(async ({ body }) => body.dump());
    await other.close();
    await expect(request(`http://127.0.0.1:${other.port}/healthz`)).rejects.toThrow('ECONNREFUSED');
  });
});
