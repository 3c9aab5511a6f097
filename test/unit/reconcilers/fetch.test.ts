import { expect, test } from 'vitest';
import { select } from '../../../src/core/select/select.ts';
import type { ReadRequest } from '../../../src/ports/azure.ts';
import { fetchSelected } from '../../../src/reconcilers/fetch.ts';
import { aKeyVaultSecret, anObserved, aToken, aVaultSecret, versionOne } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';

const data = [
  { dataKey: 'A', secret: { name: 'a' } },
  { dataKey: 'B', secret: { name: 'b', version: versionOne } },
  { dataKey: 'C', secret: { name: 'c' } },
];
const observed = anObserved({ vaultSecret: aVaultSecret({ spec: { data } }) });

async function fetch(given = observed) {
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
  return { requests, fetched: await fetchSelected({ reader, tokenReader }, given, select(given)) };
}

test('each object is read from the vault of the spec, as the identity of the ServiceAccount', async () => {
  const { requests } = await fetch();
  const { access } = select(observed);

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

test('nothing is read without an identity', async () => {
  const { requests, fetched } = await fetch({ ...observed, serviceAccount: undefined });

  expect(requests).toEqual([]);
  expect(fetched.size).toBe(0);
});
