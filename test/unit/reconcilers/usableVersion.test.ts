import { describe, expect, test } from 'vitest';
import { explain, type ReconcileError } from '../../../src/core/errors/errors.ts';
import { refKey, type KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import type { SecretVersion, Validity } from '../../../src/core/source/validity.ts';
import type { SecretReader } from '../../../src/ports/azure.ts';
import { readUsable } from '../../../src/reconcilers/usableVersion.ts';
import { aKeyVaultSecret, now } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';
import { aRead, failureOf } from '../keyvault/fakeVault.ts';

const seconds = now / 1_000;
const soon = seconds + 60;
const past = seconds - 60;

interface VersionInput extends Validity {
  readonly enabled?: false;
}

/** A vault as Key Vault is: of these versions, oldest first, an unversioned read gives the last. */
function aVault(versions: readonly VersionInput[], refusal?: ReconcileError) {
  const asked: string[] = [];
  const all = versions.map((version, index) => ({
    version: `v${index + 1}`,
    created: index,
    enabled: true,
    ...version,
  }));
  const reader: SecretReader = {
    async read({ ref }) {
      asked.push(refKey(ref));
      const found =
        ref.version === undefined ? all.at(-1) : all.find((one) => one.version === ref.version);
      if (found === undefined) throw anError('KeyVaultSecretNotFound');
      if (!found.enabled) throw anError('KeyVaultSecretDisabled');
      const { enabled: _enabled, created: _created, ...rest } = found;
      return aKeyVaultSecret(rest);
    },
    async listVersions({ ref }): Promise<readonly SecretVersion[]> {
      asked.push(`versions of ${ref.name}`);
      if (refusal !== undefined) throw refusal;
      return all;
    },
  };
  const read = async (version?: string): Promise<KeyVaultSecret> =>
    readUsable(reader, aRead({ ref: { name: 'db-password', version } }), now);
  return { asked, read };
}

const newestOnly = ['db-password'];
const listed = ['db-password', 'versions of db-password'];

describe('the latest usable version', () => {
  test.each<[string, readonly VersionInput[], readonly string[], object]>([
    ['is the newest, with one read', [{}, {}], newestOnly, { version: 'v2' }],
    [
      'is the newest while it is valid',
      [{}, { notBefore: past, expiresOn: soon }],
      newestOnly,
      { version: 'v2' },
    ],
    [
      'is the one before a disabled one',
      [{}, { enabled: false }],
      [...listed, 'db-password/v1'],
      { version: 'v1' },
    ],
    [
      'is the one before an expired one',
      [{}, { expiresOn: past }],
      [...listed, 'db-password/v1'],
      { version: 'v1' },
    ],
    [
      'is the one before one that is not valid yet, and says until when',
      [{}, { notBefore: soon }],
      [...listed, 'db-password/v1'],
      { version: 'v1', supersededAt: soon },
    ],
    [
      'is the newest of those that are left',
      [{}, { expiresOn: soon }, { expiresOn: past }, { enabled: false }],
      [...listed, 'db-password/v2'],
      { version: 'v2', expiresOn: soon },
    ],
  ])('%s', async (_, versions, asked, secret) => {
    const vault = aVault(versions);
    const { name: _name, value: _value, ...read } = await vault.read();

    expect(read).toMatchObject(secret);
    expect(vault.asked).toEqual(asked);
    expect('supersededAt' in read).toBe('supersededAt' in secret);
  });

  test.each<[string, readonly VersionInput[], string, object]>([
    ['disabled', [{ expiresOn: past }, { enabled: false }], 'KeyVaultSecretDisabled', {}],
    [
      'expired',
      [{ enabled: false }, { expiresOn: past }],
      'KeyVaultSecretExpired',
      { expiresOn: '2026-11-25T11:59:00Z' },
    ],
    [
      'not valid yet',
      [{ expiresOn: past }, { notBefore: soon }],
      'KeyVaultSecretNotYetValid',
      { notBefore: '2026-11-25T12:01:00Z' },
    ],
    [
      'not valid before a time given in milliseconds',
      [{ notBefore: now }],
      'KeyVaultSecretNotYetValid',
      { notBefore: '9999-12-31T23:59:59Z' },
    ],
  ])(
    'is none when the newest is %s and no other is usable',
    async (_, versions, reason, details) => {
      const vault = aVault(versions);
      const failure = await failureOf(vault.read());

      expect(failure).toMatchObject({ reason, details: { object: 'db-password', ...details } });
      expect(explain(failure)).not.toContain('undefined');
      expect(vault.asked).toEqual(listed);
    },
  );

  test('is waited for until the first becomes valid, whatever the newest lacks', async () => {
    const failures = [
      await failureOf(aVault([{ notBefore: soon }]).read()),
      await failureOf(aVault([{ notBefore: soon }, { enabled: false }]).read()),
      await failureOf(aVault([{ notBefore: soon }, { expiresOn: past }]).read()),
      await failureOf(aVault([{ expiresOn: past }]).read()),
    ];

    expect(failures.map(({ retryAfterMs }) => retryAfterMs)).toEqual([
      60_000,
      60_000,
      60_000,
      undefined,
    ]);
  });

  test('cannot be told without the right to list, and the failure says why that matters', async () => {
    const refusal = anError('KeyVaultForbidden');
    const problems: readonly [VersionInput, string][] = [
      [{ enabled: false }, 'disabled'],
      [{ expiresOn: past }, 'expired'],
      [{ notBefore: soon }, 'not valid yet'],
    ];
    for (const [newest, problem] of problems) {
      const failure = await failureOf(aVault([{}, newest], refusal).read());
      const { clientId, innerCode } = refusal.details;
      expect(failure).toMatchObject({
        reason: 'KeyVaultListForbidden',
        details: { object: 'db-password', problem, clientId, innerCode },
      });
    }
  });

  test('needs no right to list while the newest is usable', async () => {
    expect(await aVault([{}], anError('KeyVaultForbidden')).read()).toMatchObject({
      version: 'v1',
    });
  });

  test.each(['KeyVaultThrottled', 'KeyVaultUnreachable'] as const)(
    'is not guessed when the listing fails with %s',
    async (reason) => {
      const failure = anError(reason);
      expect(await failureOf(aVault([{}, { enabled: false }], failure).read())).toBe(failure);
    },
  );

  test('of an object that is gone by the time of the listing is as the read said', async () => {
    const secret = aKeyVaultSecret({ expiresOn: past });
    const reader: SecretReader = { read: async () => secret, listVersions: async () => [] };
    const failure = await failureOf(readUsable(reader, aRead(), now));

    expect(failure).toMatchObject({ reason: 'KeyVaultSecretExpired', retryAfterMs: undefined });
  });
});

test('two versions of one second: the one that the vault answers with is the newer, and waited for', async () => {
  const versions = [{ notBefore: soon, version: 'a' }, { version: 'b' }];
  const reader: SecretReader = {
    read: async ({ ref }) =>
      aKeyVaultSecret(versions.find(({ version }) => version === (ref.version ?? 'a')) ?? {}),
    listVersions: async () => versions.map((one) => ({ ...one, enabled: true, created: 7 })),
  };

  expect(await readUsable(reader, aRead(), now)).toMatchObject({
    version: 'b',
    supersededAt: soon,
  });
});

describe('a pinned version', () => {
  test.each([
    ['that is expired', { expiresOn: past }],
    ['that is not valid yet', { notBefore: soon }],
  ])('%s is read all the same, without a listing', async (_, validity) => {
    const vault = aVault([validity, {}]);

    expect(await vault.read('v1')).toMatchObject({ version: 'v1' });
    expect(vault.asked).toEqual(['db-password/v1']);
  });

  test('that is disabled is replaced by no other', async () => {
    const vault = aVault([{}, { enabled: false }]);

    expect((await failureOf(vault.read('v2'))).reason).toBe('KeyVaultSecretDisabled');
    expect(vault.asked).toEqual(['db-password/v2']);
  });
});
