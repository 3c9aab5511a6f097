import { describe, expect, test } from 'vitest';
import {
  anIdentity,
  aRead,
  aReader,
  aVault,
  challenge,
  failureOf,
  found,
  someTokens,
  tenantId,
  type VaultAnswer,
} from './fakeVault.ts';

const path = 'GET /secrets/db-password/';

const saying = (header: string): VaultAnswer => ({
  status: 401,
  headers: { 'www-authenticate': header },
});
const naming = (authority: string): VaultAnswer =>
  saying(
    `Bearer authorization="${authority.replaceAll('TENANT', tenantId)}", resource="https://vault.azure.net"`,
  );

describe('the challenge of a vault', () => {
  test('is asked for once, for all identities and also when many begin together', async () => {
    const vault = aVault(() => found());
    const reader = aReader(vault.httpClient);
    const other = aRead({ identity: anIdentity({ serviceAccountUid: 'u2' }) });
    await Promise.all([reader.read(aRead()), reader.read(other), reader.read(aRead())]);
    await reader.read(other);
    expect(vault.requests).toEqual([path, ...Array(4).fill(`${path} t1`)]);
  });

  test('is asked for again after a failure, which all who waited get', async () => {
    const vault = aVault(() => found());
    vault.state.challenge = { status: 503 };
    const reader = aReader(vault.httpClient);
    const reads = [reader.read(aRead()), reader.read(aRead())];
    for (const one of reads) expect((await failureOf(one)).reason).toBe('KeyVaultFailed');
    expect(vault.requests).toEqual([path]);
    vault.state.challenge = challenge();
    expect(await reader.read(aRead())).toHaveProperty('version');
  });

  test('that is slow is waited for by all who need it', async () => {
    const vault = aVault(() => found());
    const answer = Promise.withResolvers<VaultAnswer>();
    vault.state.challenge = answer.promise;
    const reader = aReader(vault.httpClient);
    const reads = Array.from({ length: 20 }, async (_, index) =>
      reader.read(aRead({ ref: { name: `object-${index}` } })),
    );
    answer.resolve(challenge());
    await Promise.all(reads);
    expect(vault.requests.filter((request) => !request.endsWith('t1'))).toHaveLength(1);
  });

  test.each([
    ['names no resource', `Bearer authorization="https://login.microsoftonline.com/${tenantId}"`],
    ['demands claims', 'Bearer error="insufficient_claims", claims="e30="'],
    ['names another authority', 'Bearer authorization="https://evil.example/x", resource="r"'],
    ['is no challenge of a vault', 'Basic realm="gateway"'],
  ])('is not replaced by an answer to a token of one that %s', async (_what, header) => {
    const vault = aVault(({ headers }) =>
      headers.get('authorization') === 'Bearer t1' ? saying(header) : found(),
    );
    const tokens = someTokens();
    const reader = aReader(vault.httpClient, tokens.source);
    await reader.read(aRead()).catch(() => undefined);
    vault.state.answer = () => found();
    vault.requests.length = 0;
    const other = aRead({ identity: anIdentity({ namespace: 'other', serviceAccountUid: 'u2' }) });
    expect(await reader.read(other)).toHaveProperty('version');
  });

  test.each([
    ['another tenant', challenge('00000000-0000-4000-8000-000000000000')],
    ['another resource', challenge(undefined, 'https://evil.example')],
  ])('is asked for again after one that named %s', async (_, former) => {
    const vault = aVault(() => found());
    const reader = aReader(vault.httpClient);
    vault.state.challenge = former;
    await failureOf(reader.read(aRead()));
    vault.state.challenge = challenge();

    await reader.read(aRead());

    expect(vault.requests).toEqual([path, path, `${path} t1`]);
  });

  const wrong: Readonly<Record<string, readonly [VaultAnswer, string]>> = {
    'another resource': [challenge(undefined, 'https://evil.example'), 'VaultNotTrusted'],
    'a resource that is too wide': [challenge(undefined, 'https://azure.net'), 'VaultNotTrusted'],
    'a resource that is no URL': [challenge(undefined, 'nonsense'), 'VaultNotTrusted'],
    'another tenant': [challenge('00000000-0000-4000-8000-000000000000'), 'VaultInOtherTenant'],
    'no tenant': [challenge(''), 'VaultNotTrusted'],
    'another authority': [naming('https://evil.example/TENANT'), 'VaultNotTrusted'],
    'an authority that begins right': [
      naming('https://login.microsoftonline.com.evil.example/TENANT'),
      'VaultNotTrusted',
    ],
    'a user of the authority': [
      naming('https://login.microsoftonline.com@evil.example/TENANT'),
      'VaultNotTrusted',
    ],
    'an authority without TLS': [
      naming('http://login.microsoftonline.com/TENANT'),
      'VaultNotTrusted',
    ],
    'an authority besides the right one': [
      naming(
        'https://login.microsoftonline.com/TENANT", authorization="https://evil.example/TENANT',
      ),
      'VaultNotTrusted',
    ],
    'an authority that is no URL': [naming('TENANT'), 'VaultNotTrusted'],
    'another resource behind the right one': [
      saying(
        `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net", resource="https://evil.example"`,
      ),
      'VaultNotTrusted',
    ],
    'no authority': [
      saying(`Bearer tenantId="${tenantId}", resource="https://vault.azure.net"`),
      'VaultNotTrusted',
    ],
    'nothing, as other services do': [saying('Basic realm="vault"'), 'VaultNotTrusted'],
    'nothing, because it is missing': [{ status: 401 }, 'VaultNotTrusted'],
  };
  test.each(Object.entries(wrong))(
    'that names %s gets no token',
    async (_what, [answer, reason]) => {
      const { source, asked } = someTokens();
      const vault = aVault(() => found());
      vault.state.challenge = answer;
      const failure = await failureOf(aReader(vault.httpClient, source).read(aRead()));
      expect(failure.reason).toBe(reason);
      expect(asked).toEqual([]);
      expect(vault.requests).toEqual([path]);
    },
  );

  test('may name Microsoft Entra ID as vaults did until 2023', async () => {
    const vault = aVault(() => found());
    vault.state.challenge = naming('https://login.windows.net/TENANT');
    expect(await aReader(vault.httpClient).read(aRead())).toHaveProperty('version');
  });

  test('may name the tenant in capital letters', async () => {
    const vault = aVault(() => found());
    vault.state.challenge = challenge(anIdentity().tenantId.toUpperCase());
    expect(await aReader(vault.httpClient).read(aRead())).toHaveProperty('version');
  });

  test.each([
    'https://evil.example',
    'https://shop.vault.azure.net.evil.example',
    'https://a.b.vault.azure.net',
    'https://xy.vault.azure.net',
  ])('is not even asked for at %s', async (vaultUrl) => {
    const vault = aVault(() => found());
    const failure = await failureOf(aReader(vault.httpClient).read(aRead({ vaultUrl })));
    expect(failure.reason).toBe('VaultNotTrusted');
    expect(vault.requests).toEqual([]);
  });
});
