import { describe, expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { StaleFenceError } from '../../../src/reconcilers/writeErrors.ts';
import { aKeyVaultSecret, aVaultSecret } from '../core/builders.ts';
import { anError } from '../core/someErrors.ts';
import { aWorldAtRest, createWorld, rotate } from './world.ts';

const hour = 3_600_000;

describe('the straight line', () => {
  test('makes a Secret with one read, one write and one status', async () => {
    const world = createWorld();
    const result = await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(world.reads).toEqual(['db-password']);
    expect(world.writes).toEqual(['apply shop', 'status']);
    expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    expect(world.events).toEqual([]);
    expect(world.counted).toEqual(['create', 'status']);
    expect(result.requeueAfterMs).toBeGreaterThan(0);
  });

  test('reads and writes nothing at rest, nor after a restart', async () => {
    const world = await aWorldAtRest();
    await world.reconcile();
    world.restart();
    await world.reconcile();

    expect(world.reads).toEqual([]);
    expect(world.writes).toEqual([]);
  });

  test('reads once and writes nothing when a refresh finds nothing new', async () => {
    const world = await aWorldAtRest();
    const { requeueAfterMs = 0 } = await world.reconcile();
    await world.clock.advance(requeueAfterMs);
    await world.reconcile();

    expect(world.reads).toEqual(['db-password']);
    expect(world.writes).toEqual([]);
  });

  test('follows a rotation', async () => {
    const world = await aWorldAtRest();
    rotate(world);
    await world.clock.advance(hour);
    await world.reconcile();

    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'new' });
    expect(world.writes).toEqual(['apply shop', 'status']);
    expect(world.events).toMatchObject([{ reason: 'SecretUpdated' }]);
  });

  test('sees its own write before the watch tells it', async () => {
    const world = await aWorldAtRest();
    rotate(world);
    await world.clock.advance(hour);
    world.state.lagging = world.server.watched();
    await world.reconcile();
    world.takeWrites();
    await world.reconcile();

    expect(world.takeWrites()).toEqual([]);
  });

  test('reads an object once, however many keys it fills', async () => {
    const data = ['A', 'B'].map((dataKey) => ({ dataKey, secret: { name: 'db-password' } }));
    const world = createWorld(aVaultSecret({ spec: { data } }));
    await world.reconcile();

    expect(world.reads).toEqual(['db-password']);
    expect(world.server.dataOf('shop')).toEqual({ A: 'p4ssw0rd', B: 'p4ssw0rd' });
  });

  test('does nothing for a VaultSecret that is gone, or going', async () => {
    const world = createWorld(aVaultSecret({ terminating: true }));

    expect(await world.reconcile()).toEqual({});
    world.state.vaultSecret = undefined;
    world.remember();
    expect(await world.reconcile()).toEqual({});
    expect(world.remembers()).toBe(false);
    expect([...world.reads, ...world.writes]).toEqual([]);
  });

  test('shows no value to the log, to events or in a status', async () => {
    const world = createWorld();
    await world.reconcile();
    rotate(world);
    await world.clock.advance(hour);
    await world.reconcile();

    const shown = JSON.stringify([world.log.lines, world.events, world.status()]);
    expect(shown).not.toMatch(/p4ssw0rd|"new"/);
  });
});

describe('a stale fence', () => {
  test('is looked at again, without a word to anybody', async () => {
    const world = await aWorldAtRest();
    const status = world.status();
    rotate(world);
    await world.clock.advance(hour);
    world.state.lagging = world.server.watched();
    world.server.edit('shop', { 'label/team': 'a' });

    await expect(world.reconcile()).rejects.toThrow(StaleFenceError);
    expect(world.takeWrites()).toEqual(['apply shop']);
    expect(world.status()).toBe(status);
    expect(world.events).toEqual([]);

    await world.reconcile();
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'new' });
  });
});

describe('an outage', () => {
  test('is shown once, when the Secret has been unverified for twice its interval', async () => {
    const world = await aWorldAtRest();
    world.state.vault.set('db-password', anError('KeyVaultUnreachable'));
    const begin = world.clock.now();
    const shownAt: number[] = [];
    while (world.clock.now() < begin + 4 * hour) {
      const delayMs = await world.reconcile().then(
        ({ requeueAfterMs = 0 }) => requeueAfterMs,
        (error: unknown) => (error instanceof ReconcileError ? (error.retryAfterMs ?? 0) : 0),
      );
      if (world.takeWrites().includes('status')) shownAt.push(world.clock.now() - begin);
      await world.clock.advance(delayMs);
    }

    expect(shownAt).toHaveLength(1);
    expect(shownAt[0]).toBeGreaterThan(2 * hour);
    expect(shownAt[0]).toBeLessThanOrEqual(2 * hour + 300_000);
    expect(world.events).toEqual([]);

    world.state.vault.set('db-password', aKeyVaultSecret());
    await world.reconcile();
    expect(world.takeWrites()).toEqual(['status']);
  });
});

describe('a failure', () => {
  test('of Key Vault leaves the last good Secret, and is thrown for the queue', async () => {
    const world = await aWorldAtRest();
    world.state.vault.set('db-password', anError('KeyVaultForbidden'));
    await world.clock.advance(hour);

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'KeyVaultForbidden' });
    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'KeyVaultForbidden' });
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
    expect(world.writes).toEqual(['status']);
    expect(world.events).toHaveLength(1);
  });

  test('of an identity is explained without a read, also while the Secret is true', async () => {
    const world = await aWorldAtRest();
    world.state.serviceAccount = undefined;

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'ServiceAccountNotFound' });
    expect(world.reads).toEqual([]);
    expect(world.writes).toEqual(['status']);
    expect(world.server.dataOf('shop')).toEqual({ DB_PASSWORD: 'p4ssw0rd' });
  });

  test('of a write that the API server refuses is explained', async () => {
    const world = createWorld();
    world.state.interference.before = (write) => {
      if (write === 'apply shop') throw new KubeApiError({ status: 403, reason: '', message: '' });
    };

    await expect(world.reconcile()).rejects.toMatchObject({
      reason: 'RequestForbidden',
      retryAfterMs: expect.any(Number),
    });
    expect(world.status().conditions).toMatchObject([{ status: 'False' }, { type: 'Stalled' }]);
    expect(world.events).toMatchObject([{ reason: 'RequestForbidden' }]);
  });

  test('of a Secret of a new type that would be refused keeps the old one', async () => {
    const world = await aWorldAtRest();
    world.editSpec({ target: { type: 'example.com/shop' } });
    world.state.interference.before = (write) => {
      if (write === 'try shop') throw new KubeApiError({ status: 403, reason: '', message: '' });
    };

    await expect(world.reconcile()).rejects.toMatchObject({ reason: 'RequestForbidden' });
    expect(world.takeWrites()).toEqual(['status']);
    expect(world.server.liveOf('shop').type).toBe('Opaque');
  });

  test.each<readonly [string, number, string]>([
    ['refused', 403, 'VS606'],
    ['not taken', 503, 'VS406'],
  ])(
    'of a Secret that was deleted for its new type, and whose making is %s, is told and tried soon',
    async (_, status, code) => {
      const world = await aWorldAtRest();
      world.editSpec({ target: { type: 'example.com/shop' } });
      let creates = 0;
      world.state.interference.before = (write) => {
        if (write === 'apply shop' && (creates += 1) < 9)
          throw new KubeApiError({ status, reason: '', message: '' });
      };
      for (let attempt = 1; attempt < 9; attempt += 1) {
        const thrown: unknown = await world.reconcile().catch((error: unknown) => error);
        const retryAfterMs = thrown instanceof ReconcileError ? thrown.retryAfterMs : undefined;
        expect(retryAfterMs).toBeLessThanOrEqual(5_000);
        await world.clock.advance(retryAfterMs ?? 0);
      }

      expect(world.server.dataOf('shop')).toBeUndefined();
      expect(world.status().conditions).toMatchObject([
        { type: 'Ready', status: 'False', reason: 'SecretMissing' },
        { type: 'Stalled', status: 'True', message: expect.stringContaining(code) },
      ]);
      expect(world.takeWrites()).toEqual(['try shop', 'delete shop', 'status']);
      expect(world.events).toMatchObject([{ type: 'Warning', reason: 'SecretMissing' }]);

      await world.reconcile();
      expect(world.server.liveOf('shop').type).toBe('example.com/shop');
      expect(world.status().conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    },
  );

  test('of an API server that is down is not written to it', async () => {
    const world = createWorld();
    world.state.interference.before = (write) => {
      if (write === 'apply shop')
        throw new KubeApiError({ status: 503, reason: '', message: '', retryAfterMs: 3_000 });
    };

    await expect(world.reconcile()).rejects.toMatchObject({
      reason: 'ApiServerUnavailable',
      retryAfterMs: 3_000,
    });
    expect(world.writes).toEqual([]);
  });

  test('that nobody knows shows where it came from, and not its text', async () => {
    const world = createWorld();
    world.state.vault.set('db-password', aKeyVaultSecret());
    world.state.interference.before = (write) => {
      if (write === 'apply shop') throw new TypeError('p4ssw0rd');
    };

    await expect(world.reconcile()).rejects.toThrow(ReconcileError);
    expect(world.log.lines).toMatchObject([
      { level: 'debug' },
      { level: 'error', message: 'unexpected failure', at: expect.stringContaining('world.ts') },
    ]);
    expect(JSON.stringify(world.log.lines)).not.toContain('p4ssw0rd');
  });

  test('of a status that the schema refuses is an error of ours', async () => {
    const world = createWorld();
    const causes = [{ reason: 'FieldValueInvalid', field: 'status.syncedAt', message: '' }];
    world.state.interference.before = (write) => {
      if (write === 'status')
        throw new KubeApiError({ status: 422, reason: '', message: '', causes });
    };

    await expect(world.reconcile()).rejects.toThrow('status refused at status.syncedAt');
  });

  test('of a status whose VaultSecret is gone by now is none', async () => {
    const world = createWorld();
    world.state.interference.before = (write) => {
      if (write === 'status') throw new KubeApiError({ status: 404, reason: '', message: '' });
    };

    await expect(world.reconcile()).resolves.toEqual({ requeueAfterMs: expect.any(Number) });
  });
});
