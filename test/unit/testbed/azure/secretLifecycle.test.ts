import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  at,
  startWorld,
  textAt,
  type Reply,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

const delayMs = 30_000;

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  await world.addVault({ name: 'shop', recoverableDays: 7 });
  await world.ask('PUT /secrets/db', { body: { value: 'v', tags: { a: '1' } } });
});
afterAll(() => world.close());

const put = (): Promise<Reply> => world.ask('PUT /secrets/db', { body: { value: 'w' } });
const codeOf = ({ status, body }: Reply): unknown =>
  status < 300 ? status : `${status} ${String(at(body, 'error', 'innererror', 'code'))}`;

describe('a vault that agrees with itself', () => {
  test('deletes softly: gone for readers, kept among the deleted until its purge date', async () => {
    const deleted = await world.ask('DELETE /secrets/db');
    const seconds = Math.floor(world.clock.nowMs / 1000);

    expect(deleted.body).toMatchObject({
      recoveryId: 'https://shop.vault.azure.net/deletedsecrets/db',
      deletedDate: seconds,
      scheduledPurgeDate: seconds + 7 * 86_400,
      tags: { a: '1' },
    });
    expect(deleted.body).not.toHaveProperty('value');
    expect((await world.ask('GET /secrets/db')).status).toBe(404);
    expect((await world.ask('GET /deletedsecrets/db')).body).toEqual(deleted.body);
  });

  test('blocks the name of a deleted secret', async () => {
    await world.ask('DELETE /secrets/db');

    expect(codeOf(await put())).toBe('409 ObjectIsDeletedButRecoverable');
  });

  test('recovers with all versions and answers no value', async () => {
    await put();
    await world.ask('DELETE /secrets/db');
    const recovered = await world.ask('POST /deletedsecrets/db/recover');

    expect(recovered.status).toBe(200);
    expect(recovered.body).not.toHaveProperty('value');
    expect(at((await world.ask('GET /secrets/db')).body, 'value')).toBe('w');
    expect(at((await world.ask('GET /secrets/db/versions')).body, 'value', 'length')).toBe(2);
  });

  test('refuses to recover what is not deleted', async () => {
    const reply = await world.ask('POST /deletedsecrets/db/recover');

    expect(codeOf(reply)).toBe('400 RequestNotAllowedOnNonDeletedObject');
    expect(at(reply.body, 'error', 'message')).toBe('Secret exists already: db');
  });

  test('purges without a body, and frees the name', async () => {
    await world.ask('DELETE /secrets/db');
    const purged = await world.ask('DELETE /deletedsecrets/db');

    expect([purged.status, purged.body, purged.headers['content-type']]).toEqual([
      204,
      null,
      undefined,
    ]);
    expect((await world.ask('GET /deletedsecrets/db')).status).toBe(404);
    expect((await put()).status).toBe(200);
    expect(at((await world.ask('GET /secrets/db/versions')).body, 'value', 'length')).toBe(1);
  });

  test('names a deleted secret that it does not have in other words', async () => {
    for (const line of ['GET /deletedsecrets/db', 'DELETE /deletedsecrets/db']) {
      const { status, body } = await world.ask(line);
      expect([status, at(body, 'error', 'message')]).toEqual([404, 'Deleted Secret not found: db']);
    }
  });

  test.each([
    ['1.9.3449.1', 'SecretDisabled'],
    ['1.1.6.0', 'AccessDenied'],
  ])('of version %s does not show a deleted secret that is disabled', async (version, code) => {
    await world.addVault({ name: 'old', serviceVersion: version });
    await world.admin('PUT /vaults/old/secrets/db', { value: 'v', enabled: false });
    await world.ask('DELETE /secrets/db', { vault: 'old' });

    const shown = await world.ask('GET /deletedsecrets/db', { vault: 'old' });

    expect(codeOf(shown)).toBe(`403 ${code}`);
    expect((await world.ask('DELETE /deletedsecrets/db', { vault: 'old' })).status).toBe(204);
  });

  test('with purge protection purges nothing', async () => {
    await world.addVault({ name: 'safe', purgeProtection: true });
    await world.admin('PUT /vaults/safe/secrets/db', { value: 'v' });
    await world.ask('DELETE /secrets/db', { vault: 'safe' });

    const purged = await world.ask('DELETE /deletedsecrets/db', { vault: 'safe' });

    expect(purged.status).toBe(403);
  });

  test('without soft delete forgets at once, and answers no dates', async () => {
    await world.addVault({ name: 'hard', recoverableDays: 0 });
    await world.admin('PUT /vaults/hard/secrets/db', { value: 'v' });

    const deleted = await world.ask('DELETE /secrets/db', { vault: 'hard' });

    expect(Object.keys(Object(deleted.body))).toEqual(['id', 'attributes']);
    expect((await world.ask('GET /deletedsecrets/db', { vault: 'hard' })).status).toBe(404);
  });
});

describe('a vault that is slow to agree with itself', () => {
  beforeEach(() => world.admin('PUT /vaults/shop/faults', { consistencyDelayMs: delayMs }));

  test('after delete shows the secret nowhere, and refuses its name in two ways in turn', async () => {
    await world.ask('DELETE /secrets/db');

    expect((await world.ask('GET /secrets/db')).status).toBe(404);
    expect((await world.ask('GET /deletedsecrets/db')).status).toBe(404);
    expect((await world.ask('GET /deletedsecrets')).body).toMatchObject({ value: [] });
    expect(codeOf(await put())).toBe('409 ObjectIsBeingDeleted');
    world.clock.nowMs += delayMs / 2;
    expect(codeOf(await put())).toBe('409 ObjectIsDeletedButRecoverable');
    expect((await world.ask('GET /deletedsecrets/db')).status).toBe(404);
    world.clock.nowMs += delayMs / 2;
    expect((await world.ask('GET /deletedsecrets/db')).status).toBe(200);
  });

  test.each(['DELETE /deletedsecrets/db', 'POST /deletedsecrets/db/recover'])(
    'refuses %s until the deletion is done',
    async (line) => {
      await world.ask('DELETE /secrets/db');

      const early = await world.ask(line);
      world.clock.nowMs += delayMs;

      expect(codeOf(early)).toBe('409 ObjectIsBeingDeleted');
      expect(textAt(early.body, 'error', 'message')).toBe('Secret db is currently being deleted.');
      expect((await world.ask(line)).status).toBeLessThan(300);
    },
  );

  test('after recover does not find the secret yet, though it exists already', async () => {
    await world.ask('DELETE /secrets/db');
    world.clock.nowMs += delayMs;
    await world.ask('POST /deletedsecrets/db/recover');

    expect((await world.ask('GET /secrets/db')).status).toBe(404);
    expect((await world.ask('POST /deletedsecrets/db/recover')).status).toBe(400);
    world.clock.nowMs += delayMs;
    expect((await world.ask('GET /secrets/db')).status).toBe(200);
  });
});

describe('a backup', () => {
  test('restores all versions under their old ids and times, once the name is free', async () => {
    await put();
    const before = (await world.ask('GET /secrets/db/versions')).body;
    const backup = await world.ask('POST /secrets/db/backup');
    const restore = () => world.ask('POST /secrets/restore', { body: backup.body });

    const taken = await restore();
    await world.ask('DELETE /secrets/db');
    await world.ask('DELETE /deletedsecrets/db');
    world.clock.nowMs += 5_000;
    const restored = await restore();

    expect([taken.status, at(taken.body, 'error', 'code')]).toEqual([409, 'Conflict']);
    expect(restored.status).toBe(200);
    expect(restored.body).not.toHaveProperty('value');
    expect((await world.ask('GET /secrets/db/versions')).body).toEqual(before);
    expect(at((await world.ask('GET /secrets/db')).body, 'value')).toBe('w');
  });

  test('hides what is in it', async () => {
    const { body } = await world.ask('POST /secrets/db/backup');
    const blob = Buffer.from(textAt(body, 'value'), 'base64url').toString('latin1');

    expect(blob).toMatch(/^\)AzureKeyVaultSecretBackupV1.microsoft.com/);
    expect(blob).not.toContain('"v"');
  });

  test.each([
    ['of zeros', 'A'.repeat(400)],
    [
      'of another vault service',
      Buffer.from(')AzureKeyVaultSecretBackupV1.microsoft.comAAAA').toString('base64url'),
    ],
  ])('%s is refused', async (_what, value) => {
    const { status, body } = await world.ask('POST /secrets/restore', { body: { value } });

    expect([status, at(body, 'error', 'code')]).toEqual([400, 'Malformed backup blob']);
  });

  test('conflicts straight after a purge while the vault is slow', async () => {
    await world.admin('PUT /vaults/shop/faults', { consistencyDelayMs: delayMs });
    const backup = await world.ask('POST /secrets/db/backup');
    await world.ask('DELETE /secrets/db');
    world.clock.nowMs += delayMs;
    await world.ask('DELETE /deletedsecrets/db');

    expect((await world.ask('POST /secrets/restore', { body: backup.body })).status).toBe(409);
    world.clock.nowMs += delayMs;
    expect((await world.ask('POST /secrets/restore', { body: backup.body })).status).toBe(200);
  });
});
