import { expect, test } from 'vitest';
import type { ReadRequest } from '../../../src/ports/azure.ts';
import type { Lanes, Ticket } from '../../../src/ports/lanes.ts';
import { fetchSelected } from '../../../src/reconcilers/fetch.ts';
import {
  diagnosed,
  selected,
  aKeyVaultSecret,
  anObserved,
  aToken,
  aVaultSecret,
  versionOne,
} from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';

const data = [
  { dataKey: 'A', secret: { name: 'a' } },
  { dataKey: 'B', secret: { name: 'b', version: versionOne } },
  { dataKey: 'C', secret: { name: 'c' } },
];
const observed = anObserved({ vaultSecret: aVaultSecret({ spec: { data } }) });

async function fetch(given = observed, isTurn = true) {
  const requests: ReadRequest[] = [];
  const reader = {
    async read(request: ReadRequest) {
      requests.push(request);
      if (request.ref.name === 'b') throw anError('KeyVaultSecretNotFound');
      if (request.ref.name === 'c') throw new TypeError('p4ssw0rd');
      return aKeyVaultSecret({ name: request.ref.name });
    },
    listVersions: () => Promise.reject(new TypeError('nothing calls for a listing')),
  };
  const tokenReader = { obtain: async () => aToken(given.now) };
  const tickets: Ticket[] = [];
  const lanes: Lanes = {
    enter(ticket) {
      tickets.push(ticket);
      return isTurn;
    },
    leave: () => undefined,
  };
  const context = {
    requestKey: 'shop/shop',
    signal: new AbortController().signal,
    priority: 100,
    offWorker: async <T>(work: Promise<T>) => work,
  };
  const deps = { reader, tokenReader, lanes };
  const fetched = await fetchSelected(
    deps,
    { ...given, record: diagnosed(given).record },
    selected(given),
    context,
  );
  return { requests, tickets, isTurn: fetched !== undefined, fetched: fetched ?? new Map() };
}

test('each object is read from the vault of the spec, as the identity of the ServiceAccount', async () => {
  const { requests } = await fetch();
  const { access } = selected(observed);

  expect(requests.map(({ ref }) => ref)).toEqual(data.map(({ secret }) => secret));
  for (const request of requests)
    expect(request).toMatchObject({
      vaultUrl: 'https://shop-prod.vault.azure.net',
      identity: access.ok && access.value.identity,
    });
});

test('a failed read is a result beside the others, and an unknown failure keeps its text', async () => {
  const { fetched } = await fetch();

  expect([...fetched.keys()]).toEqual(['a', `b/${versionOne}`, 'c']);
  expect([...fetched.values()]).toMatchObject([
    { ok: true, value: { name: 'a' } },
    { ok: false, error: { reason: 'KeyVaultSecretNotFound' } },
    { ok: false, error: { reason: 'InternalError' } },
  ]);
  expect(JSON.stringify([...fetched])).not.toContain('p4ssw0rd');
});

test('all requests of a VaultSecret take their turn together, in the lane of its vault', async () => {
  const { tickets, requests } = await fetch();

  expect(tickets).toEqual([
    { requestKey: 'shop/shop', host: 'shop-prod.vault.azure.net', requests: 3, priority: 100 },
  ]);
  expect(requests).toHaveLength(3);
});

test('nothing is read before it is the turn of the key', async () => {
  const { requests, isTurn } = await fetch(observed, false);

  expect(isTurn).toBe(false);
  expect(requests).toEqual([]);
});

test('nothing is read without an identity', async () => {
  const { requests, fetched } = await fetch({ ...observed, serviceAccount: undefined });

  expect(requests).toEqual([]);
  expect(fetched.size).toBe(0);
});
