import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { ProxyAgent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** First line of what the proxy answers to CONNECT. */
async function connectAnswer(target: string): Promise<string> {
  const { port } = new URL(world.standIn.proxyUrl);
  const socket = connectTcp(Number(port), '127.0.0.1');
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
  const [data]: unknown[] = await once(socket, 'data');
  socket.destroy();
  return String(data).split('\r\n')[0] ?? '';
}

test.each([
  ['shop.vault.azure.net:443', 'HTTP/1.1 200 Connection established'],
  ['login.microsoftonline.com:443', 'HTTP/1.1 200 Connection established'],
  ['LOGIN.microsoftonline.com:443', 'HTTP/1.1 200 Connection established'],
  ['nowhere.vault.azure.net:443', 'HTTP/1.1 502 Bad Gateway'],
  ['shop.vault.azure.net:80', 'HTTP/1.1 403 Forbidden'],
  ['example.org:443', 'HTTP/1.1 403 Forbidden'],
  ['127.0.0.1:22', 'HTTP/1.1 403 Forbidden'],
])('the proxy answers CONNECT %s with %s', async (target, answer) => {
  expect(await connectAnswer(target)).toBe(answer);
});

test('the proxy relays nothing but CONNECT', async () => {
  const { statusCode, body } = await request(`${world.standIn.proxyUrl}/secrets`);
  await body.dump();

  expect(statusCode).toBe(403);
});

test('serves real names through the proxy, to whom trusts its CA only', async () => {
  const uri = world.standIn.proxyUrl;
  const trusting = new ProxyAgent({ uri, requestTls: { ca: world.caPem } });
  const doubting = new ProxyAgent({ uri });
  const url = 'https://shop.vault.azure.net/secrets?api-version=7.6';

  const { statusCode, body } = await request(url, { dispatcher: trusting });
  await body.dump();

  expect(statusCode).toBe(401);
  await expect(request(url, { dispatcher: doubting })).rejects.toThrow(/certificate/);
  await Promise.all([trusting.close(), doubting.close()]);
});

test('shows each name a certificate of its own', async () => {
  const [, port] = world.standIn.vaultAddress.split(':');
  const options = { host: '127.0.0.1', port: Number(port), ca: world.caPem };
  for (const servername of ['shop.vault.azure.net', 'login.microsoftonline.com']) {
    const socket = connectTls({ ...options, servername });
    await once(socket, 'secureConnect');

    expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${servername}`);
    socket.destroy();
  }
});

test('ends with requests and tunnels open', async () => {
  const brief = await startWorld();
  await brief.admin('PUT /vaults/shop/faults', { hang: true });
  const { port } = new URL(brief.standIn.proxyUrl);
  const tunnel = connectTcp(Number(port), '127.0.0.1');
  tunnel.write('CONNECT shop.vault.azure.net:443 HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(tunnel, 'data');
  const ended = once(tunnel, 'close');
  const hanging = brief.ask('GET /secrets', { token: null }).catch(() => 'broken off');

  await brief.close();

  expect(await hanging).toBe('broken off');
  await ended;
});
