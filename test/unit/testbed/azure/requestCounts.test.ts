import { afterAll, beforeAll, expect, test } from 'vitest';

import { createRequestCounts } from '../../../testbed/azure/requestCounts.ts';
import { at, startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('counts by vault, identity, kind and status, whatever the answer', async () => {
  await world.admin('PUT /vaults/shop/secrets/db', { value: 'v' });
  const stranger = await world.addApplication();
  const token = await world.tokenOf(stranger);
  await world.admin('DELETE /requestCounts');

  await world.ask('GET /secrets/db', { token: null });
  await world.ask('GET /secrets/db', { token: 'x' });
  await world.ask('GET /secrets/db');
  await world.ask('GET /secrets/db');
  await world.ask('GET /secrets/db', { token });
  await world.ask('GET /secrets/no_name');
  await world.ask('GET /secrets');
  await world.tokenOf(stranger);
  await world.imds('/metadata/identity/oauth2/token');

  const { body } = await world.admin('GET /requestCounts');
  const ofVault = { vault: 'shop', clientId: world.officer };
  expect(at(body, 'counts')).toEqual([
    { vault: 'shop', clientId: null, kind: 'challenge401', status: 401, count: 1 },
    { vault: 'shop', clientId: null, kind: 'tokenRejected401', status: 401, count: 1 },
    { ...ofVault, kind: 'get', status: 200, count: 2 },
    { vault: 'shop', clientId: stranger, kind: 'get', status: 403, count: 1 },
    { ...ofVault, kind: 'invalid', status: 400, count: 1 },
    { ...ofVault, kind: 'list', status: 200, count: 1 },
    { vault: null, clientId: stranger, kind: 'token', status: 200, count: 1 },
    { vault: null, clientId: null, kind: 'imdsToken', status: 400, count: 1 },
  ]);
  expect(at(body, 'vaults')).toEqual([{ vault: 'shop', peakPer10Seconds: 7, total: 7 }]);
});

test('the admin API is not counted', async () => {
  await world.admin('DELETE /requestCounts');
  await world.admin('PUT /vaults/shop/secrets/db', { value: 'v' });

  expect((await world.admin('GET /requestCounts')).body).toEqual({ counts: [], vaults: [] });
});

test('finds the busiest ten seconds, wherever they begin', () => {
  let nowMs = 0;
  const counts = createRequestCounts(() => nowMs);
  const addAt = (second: number, count: number): void => {
    nowMs = second * 1_000;
    for (let added = 0; added < count; added += 1) {
      counts.add({ vault: 'shop', kind: 'get', status: 200 });
    }
  };
  addAt(3, 5);
  addAt(9, 6);
  addAt(12, 4);
  addAt(13, 7);

  expect(counts.report().vaults).toEqual([{ vault: 'shop', peakPer10Seconds: 17, total: 22 }]);
});
