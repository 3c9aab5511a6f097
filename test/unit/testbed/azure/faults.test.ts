import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { at, startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
  await world.admin('PUT /vaults/shop/secrets/db', { value: 'v' });
});
beforeEach(async () => {
  await world.admin('DELETE /vaults/shop/faults');
  await world.admin('DELETE /entra/faults');
  await world.admin('DELETE /imds/faults');
});
afterAll(() => world.close());

const setFaults = (faults: object) => world.admin('PUT /vaults/shop/faults', faults);
const statusOf = async (line: string): Promise<number> => (await world.ask(line)).status;

describe('throttling of a vault', () => {
  test('lasts for so many requests, without Retry-After unless told otherwise', async () => {
    await setFaults({ throttle: { count: 2 } });

    const first = await world.ask('GET /secrets/db');

    expect([first.status, at(first.body, 'error', 'code')]).toEqual([429, 'Throttled']);
    expect(first.headers).not.toHaveProperty('retry-after');
    expect(await statusOf('GET /secrets/db')).toBe(429);
    expect(await statusOf('GET /secrets/db')).toBe(200);
  });

  test('names a time to wait when told so, and lasts until it is reset', async () => {
    await setFaults({ throttle: { retryAfterSeconds: 7 } });

    expect((await world.ask('GET /secrets/db')).headers['retry-after']).toBe('7');
    expect(await statusOf('GET /secrets/db')).toBe(429);
    await setFaults({});
    expect(await statusOf('GET /secrets/db')).toBe(200);
  });

  test('leaves other kinds of requests alone when told so', async () => {
    await setFaults({ kinds: ['list'], throttle: {} });

    expect(await statusOf('GET /secrets')).toBe(429);
    expect(await statusOf('GET /secrets/db')).toBe(200);
  });

  test('comes after the challenge, as everything does', async () => {
    await setFaults({ throttle: {} });

    expect((await world.ask('GET /secrets/db', { token: null })).status).toBe(401);
  });

  test('sets in by itself at the limit of transactions in ten seconds', async () => {
    await world.addVault({ name: 'small', transactionsPer10s: 3 });
    const ask = async (): Promise<number> =>
      (await world.ask('GET /secrets', { vault: 'small' })).status;

    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([200, 200, 200, 429]);
    world.clock.nowMs += 10_000;
    expect(await ask()).toBe(200);
  });
});

describe('what other clients leave of the limit of a vault', () => {
  const answers = async (count: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let turn = 0; turn < count; turn += 1) statuses.push(await statusOf('GET /secrets/db'));
    return statuses;
  };

  test('may be a smooth rate', async () => {
    await setFaults({ left: { perSecond: 4 } });

    expect(await answers(2)).toEqual([200, 429]);
    world.clock.nowMs += 250;
    expect(await answers(2)).toEqual([200, 429]);
    world.clock.nowMs += 60_000;
    expect(await answers(2)).toEqual([200, 429]);
  });

  test('may be so many requests in ten seconds, with a time to wait', async () => {
    await setFaults({ left: { per10s: 2, retryAfterSeconds: 10 } });

    expect(await answers(2)).toEqual([200, 200]);
    const refused = await world.ask('GET /secrets/db');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10']);
    world.clock.nowMs += 10_000;
    expect(await answers(3)).toEqual([200, 200, 429]);
  });

  test('names no time to wait unless told so', async () => {
    await setFaults({ left: { per10s: 1 } });
    await answers(1);

    expect((await world.ask('GET /secrets/db')).headers).not.toHaveProperty('retry-after');
  });

  test('is counted anew when it is set anew, and without end when it is not', async () => {
    await setFaults({ left: { per10s: 1 } });
    await answers(1);
    await setFaults({ left: { per10s: 1 } });

    expect(await answers(2)).toEqual([200, 429]);
    await setFaults({});
    expect(await answers(2)).toEqual([200, 200]);
  });
});

test.each([500, 503])('a vault answers %i to everything when told so', async (status) => {
  await setFaults({ status });

  expect(await statusOf('GET /secrets/db')).toBe(status);
});

test('a vault drops connections when told so', async () => {
  await setFaults({ dropConnection: true });

  await expect(world.ask('GET /secrets/db')).rejects.toThrow(/other side closed|socket/i);
});

test('a vault that hangs answers nothing, not even a challenge', async () => {
  await setFaults({ hang: true, kinds: ['get'] });
  const hanging = world.ask('GET /secrets/db', { token: null }).then(
    () => 'answered',
    () => 'broken off',
  );

  const other = world.ask('GET /secrets', { token: null }).then(() => 'another answered');

  expect(await Promise.race([hanging, other])).toBe('another answered');
});

test('a vault challenges in the name of others when told so', async () => {
  await setFaults({ challenge: { authority: 'https://evil.example/t', resource: 'https://evil' } });
  const { headers } = await world.ask('GET /secrets/db', { token: null });

  expect(headers['www-authenticate']).toBe(
    'Bearer authorization="https://evil.example/t", resource="https://evil"',
  );
});

test('a vault redirects before it asks for a token when told so', async () => {
  await setFaults({ redirectTo: 'https://other.vault.azure.net/secrets/db' });
  const { status, headers } = await world.ask('GET /secrets/db', { token: null });

  expect([status, headers['location']]).toEqual([307, 'https://other.vault.azure.net/secrets/db']);
});

test('a vault shows a certificate that nobody trusts when told so, and only that vault', async () => {
  await setFaults({ untrustedCertificate: true });
  const [, port] = world.standIn.vaultAddress.split(':');
  const connect = async (servername: string): Promise<unknown> => {
    const options = { host: '127.0.0.1', port: Number(port), ca: world.caPem, servername };
    const socket = connectTls(options);
    const outcome: unknown = await once(socket, 'secureConnect').then(
      () => 'trusted',
      (error: unknown) => at(error, 'code'),
    );
    socket.destroy();
    return outcome;
  };

  expect(await connect('shop.vault.azure.net')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  expect(await connect('login.microsoftonline.com')).toBe('trusted');
});

test('a vault answers no sooner than its latency', async () => {
  await setFaults({ latencyMs: 40 });
  const before = performance.now();

  await world.ask('GET /secrets/db');

  // Timers of Node may fire a millisecond early.
  expect(performance.now() - before).toBeGreaterThanOrEqual(39);
});

test('Entra ID throttles, fails and drops as vaults do', async () => {
  const token = () => world.entra('/oauth2/v2.0/token', { client_id: world.officer });
  await world.admin('PUT /entra/faults', { throttle: { count: 1, retryAfterSeconds: 3 } });

  const throttled = await token();
  await world.admin('PUT /entra/faults', { status: 503 });
  const failing = await token();
  await world.admin('PUT /entra/faults', { dropConnection: true });

  expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '3']);
  expect([failing.status, failing.headers['retry-after']]).toEqual([503, undefined]);
  await expect(token()).rejects.toThrow(/other side closed|socket/i);
});

test('the token endpoint of the host throttles, fails and drops as well', async () => {
  const token = () => world.imds('/metadata/identity/oauth2/token', { metadata: 'true' });
  await world.admin('PUT /imds/faults', { throttle: { retryAfterSeconds: 20 } });

  const throttled = await token();
  await world.admin('PUT /imds/faults', { status: 410 });
  const upgrading = await token();
  await world.admin('PUT /imds/faults', { dropConnection: true });

  expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '20']);
  expect(upgrading.status).toBe(410);
  await expect(token()).rejects.toThrow(/other side closed|socket/i);
});
