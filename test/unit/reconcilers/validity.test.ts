import { describe, expect, test } from 'vitest';
import { redact } from '../../../src/core/redacted.ts';
import type { SecretVersion } from '../../../src/core/source/validity.ts';
import { aKeyVaultSecret, aVaultSecret, now, versionOne, versionTwo } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';
import { aWorldAtRest, createWorld, type World } from './world.ts';

const seconds = now / 1_000;
const soon = seconds + 90;
/** Far enough that only a version's own times can bring a look before it. */
const vaultSecret = aVaultSecret({ spec: { refreshInterval: '1000h' } });

interface VersionInput {
  readonly enabled?: boolean;
  readonly notBefore?: number;
  readonly expiresOn?: number;
}

/** Puts two versions into the vault, the second newer, as Key Vault answers and lists them. */
function putVersions({ state }: World, first: VersionInput, second: VersionInput): void {
  const versions: SecretVersion[] = [
    { version: versionOne, enabled: true, created: 1, ...first },
    { version: versionTwo, enabled: true, created: 2, ...second },
  ];
  state.versions = versions;
  for (const { version, enabled: _enabled, created: _created, ...times } of versions)
    state.vault.set(`db-password/${version}`, secretOf(version, times));
  state.vault.set('db-password', secretOf(versionTwo, second));
}

function secretOf(version: string, times: object) {
  return aKeyVaultSecret({ version, value: redact(`value ${version[0]}`), ...times });
}

async function aWorldWith(first: VersionInput, second: VersionInput): Promise<World> {
  const world = createWorld(vaultSecret);
  putVersions(world, first, second);
  return world;
}

const valueOf = (world: World) => world.server.dataOf('shop')?.['DB_PASSWORD'];
const readyOf = (world: World) => world.status().conditions?.[0];

describe('a newer version that is not valid yet', () => {
  test('is used from its first moment on, and the older one until then', async () => {
    const world = await aWorldWith({}, { notBefore: soon });
    const { requeueAfterMs } = await world.reconcile();

    expect(valueOf(world)).toBe('value 1');
    expect(requeueAfterMs).toBe(90_000);
    expect(world.status().sources).toMatchObject([{ version: versionOne }]);

    world.takeWrites();
    await world.clock.advance(89_999);
    expect(await world.reconcile()).toEqual({ requeueAfterMs: 1 });
    expect(world.takeWrites()).toEqual([]);
    await world.clock.advance(1);
    await world.reconcile();

    expect(valueOf(world)).toBe('value 2');
    expect(world.takeWrites()).toEqual(['apply shop', 'status']);
    expect(world.events).toMatchObject([{ reason: 'SecretUpdated' }]);
  });

  test.each([
    ['the record', () => undefined],
    ['the status, when the Secret is gone', (world: World) => world.server.remove('shop')],
  ])(
    'keeps the version in use, though another is of the same second, as known from %s',
    async (_, disturb) => {
      for (const [inUse, other] of [
        ['1', '9'],
        ['9', '1'],
      ] as const) {
        const world = createWorld(vaultSecret);
        const stored = { enabled: true, created: 1 };
        const future = { ...stored, version: '5', created: 2, notBefore: soon };
        const same = [inUse, other].map((version) => ({ ...stored, version }));
        world.state.versions = [...same, future];
        for (const { version } of same)
          world.state.vault.set(`db-password/${version}`, secretOf(version, {}));
        world.state.vault.set('db-password', secretOf(inUse, {}));
        await world.reconcile();
        world.state.vault.set('db-password', secretOf('5', { notBefore: soon }));
        disturb(world);
        world.askForRefresh('1');
        await world.reconcile();

        expect(valueOf(world)).toBe(`value ${inUse}`);
      }
    },
  );

  test('is waited for by a process that starts anew, without a read', async () => {
    const world = await aWorldWith({}, { notBefore: soon });
    await world.reconcile();
    world.reads.length = 0;
    world.restart();

    expect(await world.reconcile()).toEqual({ requeueAfterMs: 90_000 });
    expect(world.reads).toEqual([]);
  });

  test('that became valid while no process ran is used by the next', async () => {
    const world = await aWorldWith({}, { notBefore: soon });
    await world.reconcile();
    await world.clock.advance(100_000);
    world.restart();
    await world.reconcile();

    expect(valueOf(world)).toBe('value 2');
  });

  test('that is the only one makes the first Secret in that very moment', async () => {
    const world = await aWorldWith({ enabled: false }, { notBefore: soon });
    world.state.vault.set('db-password', secretOf(versionTwo, { notBefore: soon }));
    while (world.clock.now() < soon * 1_000) {
      const failure = await world.reconcile().catch((error: unknown) => error);
      expect(failure).toMatchObject({ reason: 'KeyVaultSecretNotYetValid' });
      const { retryAfterMs = 0 } = failure as { retryAfterMs?: number };
      await world.clock.advance(retryAfterMs);
    }

    expect(world.clock.now()).toBe(soon * 1_000);
    expect(readyOf(world)?.message).toContain('not valid before 2026-11-25T12:01:30Z');
    await world.reconcile();
    expect(valueOf(world)).toBe('value 2');
  });
});

describe('the version in use', () => {
  test('gives way in the moment of its expiry to an older one that is still valid', async () => {
    const world = await aWorldWith({}, { expiresOn: soon });

    expect(await world.reconcile()).toEqual({ requeueAfterMs: 90_000 });
    expect(valueOf(world)).toBe('value 2');
    await world.clock.advance(90_000);
    await world.reconcile();

    expect(valueOf(world)).toBe('value 1');
  });

  test('stays in the Secret when it expires and there is no other, and that is told', async () => {
    const world = await aWorldWith({ enabled: false }, { expiresOn: soon });
    await world.reconcile();
    world.takeWrites();
    await world.clock.advance(90_000);

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'KeyVaultSecretExpired' });
    expect(valueOf(world)).toBe('value 2');
    expect(world.takeWrites()).toEqual(['status']);
    expect(readyOf(world)).toMatchObject({ status: 'False', reason: 'KeyVaultSecretExpired' });
    expect(world.events).toMatchObject([{ reason: 'KeyVaultSecretExpired', type: 'Warning' }]);

    putVersions(world, {}, { expiresOn: soon + 3_600 });
    await world.reconcile();
    expect(readyOf(world)).toMatchObject({ status: 'True', reason: 'Synced' });
    expect(world.status().sources).toMatchObject([{ expiresOn: '2026-11-25T13:01:30Z' }]);
  });

  test('is not given up while the vault cannot be asked', async () => {
    const world = await aWorldWith({}, { expiresOn: soon });
    await world.reconcile();
    world.takeWrites();
    await world.clock.advance(90_000);
    world.state.vault.set('db-password', anError('KeyVaultUnreachable'));

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'KeyVaultUnreachable' });
    expect(world.takeWrites()).toEqual([]);
  });

  test('that is pinned is used whatever its dates, and wakes nobody', async () => {
    const data = [{ dataKey: 'DB_PASSWORD', secret: { name: 'db-password', version: versionOne } }];
    const world = createWorld(aVaultSecret({ spec: { refreshInterval: '1000h', data } }));
    putVersions(world, { expiresOn: seconds - 60 }, {});
    const { requeueAfterMs } = await world.reconcile();

    expect(requeueAfterMs).toBeGreaterThan(3_600_000);
    expect(world.status().sources).toMatchObject([{ expiresOn: '2026-11-25T11:59:00Z' }]);
    expect(await world.reconcile()).toEqual({ requeueAfterMs });
    expect(world.reads).toEqual([`db-password/${versionOne}`]);
  });

  test('whose expiry alone is moved costs one write, and no event', async () => {
    const world = await aWorldAtRest();
    world.state.vault.set('db-password', aKeyVaultSecret({ expiresOn: soon + 86_400 }));
    const { syncedAt } = world.status();
    await world.clock.advance(3_600_000);
    await world.reconcile();

    expect(world.takeWrites()).toEqual(['apply shop', 'status']);
    expect(world.status()).toMatchObject({
      syncedAt,
      sources: [{ expiresOn: expect.any(String) }],
    });
    expect(world.events).toEqual([]);
  });
});
