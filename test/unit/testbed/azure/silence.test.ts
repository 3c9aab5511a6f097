import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;
const sockets: TLSSocket[] = [];

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});

function connect(servername: string): TLSSocket {
  const [, port] = world.standIn.vaultAddress.split(':');
  const options = { host: '127.0.0.1', port: Number(port), ca: world.caPem, servername };
  const socket = connectTls(options);
  // Reset when the stand-in ends.
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

async function secured(host: string): Promise<string> {
  await once(connect(host), 'secureConnect');
  return host;
}

/** Which of two hosts finishes a handshake, when the first was asked first. */
async function firstSecured(first: string, second: string): Promise<string> {
  const one = secured(first);
  return Promise.race([one, secured(second)]);
}

const vault = 'shop.vault.azure.net';
const entra = 'login.microsoftonline.com';

test('a silent vault accepts connections and never answers a handshake; other hosts do', async () => {
  await world.admin('PUT /vaults/shop/faults', { silent: true });

  expect(await firstSecured(vault, entra)).toBe(entra);
  const { body } = await world.admin('GET /requestCounts');
  expect(body).toMatchObject({
    counts: expect.arrayContaining([expect.objectContaining({ vault: 'shop', kind: 'silent' })]),
  });
});

test('Entra ID can be silent alone', async () => {
  await world.admin('PUT /entra/faults', { silent: true });

  expect(await firstSecured(entra, vault)).toBe(vault);
});

test('the stand-in ends with handshakes open', async () => {
  await world.admin('PUT /vaults/shop/faults', { silent: true });
  const socket = connect(vault);
  await once(socket, 'connect');
  const ended = new Promise((resolve) => {
    socket.once('close', () => resolve('ended'));
  });

  await world.standIn.close();

  expect(await ended).toBe('ended');
  world = await startWorld();
});

test('a host that was silent answers new connections again', async () => {
  await world.admin('PUT /vaults/shop/faults', { silent: true });
  connect(vault);
  await world.admin('DELETE /vaults/shop/faults');

  expect(await secured(vault)).toBe(vault);
});

test('a silent vault leaves requests on open connections without an answer, whatever kinds are named', async () => {
  await world.addVault({ name: 'other' });
  await world.admin('PUT /vaults/shop/faults', { silent: true, kinds: ['list'] });
  const silent = world.ask('GET /secrets/db', { token: null }).then(
    () => 'answered',
    () => 'broken off',
  );
  const other = world
    .ask('GET /secrets', { vault: 'other', token: null })
    .then(() => 'another answered');

  expect(await Promise.race([silent, other])).toBe('another answered');
});
