import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../../src/core/errors/errors.ts';
import type { SecretVersion } from '../../../src/core/source/validity.ts';
import { createSecretReader, type PagedSecretReader } from '../../../src/keyvault/client.ts';
import { startAzureWorld, type AzureWorld } from '../identity/azureWorld.ts';
import {
  aRead,
  aReader,
  aVault,
  challenge,
  countingMetrics,
  failureOf,
  found,
  readerDeps,
  type VaultAnswer,
} from './fakeVault.ts';

async function pagesOf(reader: PagedSecretReader, request = aRead()) {
  const pages: (readonly SecretVersion[])[] = [];
  for await (const page of reader.versionPages(request)) pages.push(page);
  return pages;
}

const host = 'https://shop-prod.vault.azure.net';
const path = 'GET /secrets/db-password/versions';

function listed(ids: readonly string[], nextLink: string | null = null): VaultAnswer {
  const value = ids.map((id) => ({
    id: `${host}/secrets/db-password/${id}`,
    attributes: { enabled: true, created: 7 },
  }));
  return { status: 200, body: { value, nextLink } };
}

/** Says this to one request after the other. */
function aVaultSaying(...answers: readonly VaultAnswer[]) {
  const left = [...answers];
  return aVault(() => left.shift() ?? { status: 500 });
}

describe('versions of a secret', () => {
  test('are told with what decides which is usable, and without a value', async () => {
    const attributes = { enabled: false, nbf: 1, exp: 2, created: 3, updated: 4 };
    const vault = aVaultSaying({
      status: 200,
      body: {
        value: [{ id: `${host}/secrets/db-password/a`, attributes, tags: { team: 'shop' } }],
        nextLink: null,
      },
    });
    expect(await pagesOf(aReader(vault.httpClient))).toEqual([
      [{ version: 'a', enabled: false, notBefore: 1, expiresOn: 2, created: 3 }],
    ]);
    expect(vault.requests).toEqual([path, `${path} t1`]);
  });

  test('go on behind an empty page', async () => {
    const next = `${host}:443/secrets/db-password/versions?api-version=7.6&$skiptoken=x`;
    const vault = aVaultSaying(listed([], next), listed(['a']));
    expect(await pagesOf(aReader(vault.httpClient))).toMatchObject([[], [{ version: 'a' }]]);
  });

  test('are counted as listings', async () => {
    const { metrics, counts } = countingMetrics();
    const { httpClient } = aVaultSaying(listed([]));
    await pagesOf(createSecretReader({ ...readerDeps(metrics), httpClient }));
    expect(counts).toEqual(
      ['401', '200'].map((code) => `shop-prod.vault.azure.net listVersions ${code}`),
    );
  });

  test.each([
    'https://evil.example/secrets/db-password/versions',
    'https://other.vault.azure.net/secrets/db-password/versions',
    'http://shop-prod.vault.azure.net/secrets/db-password/versions',
    `${host}:8443/secrets/db-password/versions`,
  ])('are not followed to %s: no token goes there', async (next) => {
    const vault = aVaultSaying(listed(['a'], next), listed(['b']));
    const failure = await failureOf(pagesOf(aReader(vault.httpClient)));
    expect(failure.reason).toBe('VaultNotTrusted');
    expect(vault.requests).toEqual([path, `${path} t1`]);
  });

  test('are asked for once more, with a new token, when the vault refuses the first', async () => {
    const vault = aVault(({ headers }) =>
      headers.get('authorization') === 'Bearer t1' ? challenge() : listed(['a']),
    );
    expect(await pagesOf(aReader(vault.httpClient))).toMatchObject([[{ version: 'a' }]]);
    expect(vault.requests.at(-1)).toBe(`${path} t2`);
  });

  test('are not begun anew in the middle, or some would be told twice', async () => {
    const next = `${host}:443/secrets/db-password/versions?$skiptoken=x`;
    const vault = aVaultSaying(listed(['a'], next), challenge(), challenge());
    const failure = await failureOf(pagesOf(aReader(vault.httpClient)));
    expect(failure).toMatchObject({ reason: 'KeyVaultTokenRefused', details: { status: 401 } });
  });

  test.each<readonly [VaultAnswer, string]>([
    [{ status: 403, body: { error: { code: 'Forbidden' } } }, 'KeyVaultForbidden'],
    [{ status: 429 }, 'KeyVaultThrottled'],
    [{ status: 500 }, 'KeyVaultFailed'],
    [{ status: 200, body: 'no JSON' }, 'KeyVaultRefused'],
    [{ status: 200, body: { value: 'no list' } }, 'KeyVaultRefused'],
    [{ status: 200, body: { value: [{ id: `${host}/secrets/db-password` }] } }, 'KeyVaultRefused'],
  ])('that cannot be had are explained: %j', async (answer, reason) => {
    const next = `${host}:443/secrets/db-password/versions?$skiptoken=x`;
    for (const vault of [aVaultSaying(answer), aVaultSaying(listed(['a'], next), answer)]) {
      const failure = await failureOf(pagesOf(aReader(vault.httpClient)));
      expect(failure.reason).toBe(reason);
      expect(explain(failure)).not.toContain('undefined');
    }
  });

  test('of a host that is no vault are not even asked for', async () => {
    const vault = aVaultSaying();
    const request = aRead({ vaultUrl: 'https://evil.example' });
    expect((await failureOf(pagesOf(aReader(vault.httpClient), request))).reason).toBe(
      'VaultNotTrusted',
    );
    expect(vault.requests).toEqual([]);
  });
});

describe('the validity of a read takes whatever Key Vault takes', () => {
  test.each([
    ['no times', {}, {}],
    [
      'both',
      { nbf: 1_700_000_000, exp: 1_800_000_000 },
      { notBefore: 1_700_000_000, expiresOn: 1_800_000_000 },
    ],
    ['the very beginning of time', { nbf: 0, exp: 0 }, { notBefore: 0, expiresOn: 0 }],
    ['milliseconds', { exp: 1_800_000_000_000 }, { expiresOn: 1_800_000_000_000 }],
    ['times that no calendar has', { nbf: 1e18 }, { notBefore: Number.MAX_SAFE_INTEGER }],
  ])('%s', async (_, attributes, validity) => {
    const vault = aVault(() => found('x', { attributes: { enabled: true, ...attributes } }));
    const {
      name: _name,
      version: _version,
      value: _value,
      ...rest
    } = await aReader(vault.httpClient).read(aRead());
    expect(rest).toEqual(validity);
  });
});

describe('the stand-in', () => {
  let world: AzureWorld;
  beforeAll(async () => {
    world = await startAzureWorld();
  });
  afterEach(async () => world.admin.setVaultFaults('shop-prod', {}));
  afterAll(async () => world.close());

  const request = (name: string) => ({ ...aRead({ ref: { name } }), identity: world.identity });

  test.each([
    ['full pages', false, [25, 25, 10]],
    ['empty pages between them', true, [25, 0, 25, 0, 10]],
  ])('lists versions by id, in %s', async (_, emptyPages, sizes) => {
    const secrets = Array.from({ length: 60 }, (_one, index) => ({
      name: `many-${sizes.length}`,
      value: `value ${index}`,
    }));
    const created = await world.admin.putSecrets('shop-prod', ...secrets);
    await world.admin.setVaultFaults('shop-prod', { emptyPages });

    const pages = await pagesOf(world.adapters().reader, request(`many-${sizes.length}`));

    expect(pages.map(({ length }) => length)).toEqual(sizes);
    expect(pages.flat().map(({ version }) => version)).toEqual(created.toSorted());
  });

  test('tells enabled, nbf, exp and created of each', async () => {
    const name = 'times';
    const [version = ''] = await world.admin.putSecrets('shop-prod', {
      name,
      value: 'x',
      enabled: false,
      notBefore: 1_700_000_000,
      expires: 1_800_000_000,
      created: 1_600_000_000,
    });
    expect(await pagesOf(world.adapters().reader, request(name))).toEqual([
      [
        {
          version,
          enabled: false,
          notBefore: 1_700_000_000,
          expiresOn: 1_800_000_000,
          created: 1_600_000_000,
        },
      ],
    ]);
  });

  test('lists nothing of a secret that does not exist', async () => {
    expect(await pagesOf(world.adapters().reader, request('missing'))).toEqual([[]]);
  });

  test('refuses the listing to whoever may only read', async () => {
    const { clientId } = world.identity;
    await world.admin.createVaults({ name: 'get-only', authorization: 'accessPolicies' });
    await world.admin.setAccessPolicies({ vault: 'get-only', clientId, secrets: ['get'] });
    await world.admin.putSecrets('get-only', { name: 'a', value: 'x' });
    const { reader } = world.adapters();
    const there = { ...request('a'), vaultUrl: 'https://get-only.vault.azure.net' };

    expect(await reader.read(there)).toHaveProperty('version');
    expect(await failureOf(pagesOf(reader, there))).toMatchObject({
      reason: 'KeyVaultPolicyMissing',
      details: { innerCode: 'ForbiddenByPolicy' },
    });
  });
});
