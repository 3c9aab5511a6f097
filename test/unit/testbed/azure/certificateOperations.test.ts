import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  at,
  startWorld,
  textAt,
  versionIn,
  type StandInWorld,
} from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

function create(name: string, more: { contentType?: string; tags?: object } = {}) {
  const { contentType, tags } = more;
  const policy = {
    secret_props: contentType === undefined ? {} : { contentType },
    x509_props: { subject: 'CN=shop.example', sans: { dns_names: ['shop.example'] } },
    issuer: { name: 'Self' },
  };
  return world.ask(`POST /certificates/${name}/create`, { body: { policy, tags } });
}

test('creation is accepted with a request to wait and a place to look', async () => {
  const { status, headers, body } = await create('pending');

  expect(status).toBe(202);
  expect(headers['retry-after']).toBe('10');
  expect(headers['location']).toBe(
    `https://shop.vault.azure.net/certificates/pending/pending?api-version=7.6&request_id=${textAt(body, 'request_id')}`,
  );
  expect(body).toMatchObject({ status: 'inProgress', cancellation_requested: false });
});

test('a pending certificate is in progress at the first look, completed at the second', async () => {
  await create('looked-at');
  const first = await world.ask('GET /certificates/looked-at/pending');
  const second = await world.ask('GET /certificates/looked-at/pending');

  expect([at(first.body, 'status'), first.headers['retry-after']]).toEqual(['inProgress', '10']);
  expect(second.headers).not.toHaveProperty('retry-after');
  expect(second.body).toMatchObject({
    status: 'completed',
    target: 'https://shop.vault.azure.net/certificates/looked-at',
  });
});

test('a pending certificate stays in progress for the consistency delay of the vault', async () => {
  await world.admin('PUT /vaults/shop/faults', { consistencyDelayMs: 10_000 });
  await create('slow');
  const statusOf = async (): Promise<unknown> =>
    at((await world.ask('GET /certificates/slow/pending')).body, 'status');

  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([
    'inProgress',
    'inProgress',
    'inProgress',
  ]);
  world.clock.nowMs += 10_000;
  expect(await statusOf()).toBe('completed');
  await world.admin('DELETE /vaults/shop/faults');
});

test('an older service names a certificate that is not there in fewer words', async () => {
  await world.addVault({ name: 'old', serviceVersion: '1.1.0.897' });
  const { body } = await world.ask('GET /certificates/none', { vault: 'old', apiVersion: '7.1' });

  expect(at(body, 'error', 'message')).toBe('Certificate not found: none');
});

test('fills in what the policy leaves out', async () => {
  await create('policy');
  const { body } = await world.ask('GET /certificates/policy/policy');

  expect(body).toMatchObject({
    key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
    secret_props: { contentType: 'application/x-pkcs12' },
    x509_props: { validity_months: 12, key_usage: ['digitalSignature', 'keyEncipherment'] },
    issuer: { name: 'Self' },
  });
});

test('certificate, key and secret share a version and their times', async () => {
  await create('web', { tags: { a: '1' } });
  const { body } = await world.ask('GET /certificates/web');
  const secret = await world.ask('GET /secrets/web');
  const version = versionIn(body);

  expect(body).toMatchObject({
    kid: `https://shop.vault.azure.net/keys/web/${version}`,
    sid: `https://shop.vault.azure.net/secrets/web/${version}`,
    tags: { a: '1' },
  });
  expect(secret.body).toMatchObject({ managed: true, kid: at(body, 'kid'), tags: { a: '1' } });
  expect(at(secret.body, 'attributes')).toEqual(at(body, 'attributes'));
  const { validFromDate, validToDate, subject, subjectAltName } = new X509Certificate(
    Buffer.from(textAt(body, 'cer'), 'base64'),
  );
  expect([subject, subjectAltName]).toEqual(['CN=shop.example', 'DNS:shop.example']);
  expect(validFromDate.getTime() / 1000).toBe(at(body, 'attributes', 'nbf'));
  expect(validToDate.getTime() / 1000).toBe(at(body, 'attributes', 'exp'));
});

test('the PFX opens without a password and holds the private key', async () => {
  await create('pfx');
  const pfx = Buffer.from(textAt((await world.ask('GET /secrets/pfx')).body, 'value'), 'base64');

  expect(() => createSecureContext({ pfx, passphrase: '' })).not.toThrow();
  expect(() => createSecureContext({ pfx, passphrase: 'x' })).toThrow(/mac verify failure/);
});

test.each([
  ['stored so', 'application/x-pem-file', ''],
  ['converted', 'application/x-pkcs12', '?outContentType=application/x-pem-file'],
])('the PEM, %s, begins with the private key, which is that of the certificate', async (...row) => {
  const [, contentType, query] = row;
  await create('pem', { contentType });
  const { body } = await world.ask(`GET /secrets/pem${query}`);
  const pem = textAt(body, 'value');

  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----[^]+-----BEGIN CERTIFICATE-----/);
  expect(at(body, 'contentType')).toBe('application/x-pem-file');
  expect(() => createSecureContext({ key: pem, cert: pem })).not.toThrow();
});

test('a new certificate of the same name is a new version of the secret', async () => {
  await create('again');
  const first = versionIn((await world.ask('GET /secrets/again')).body);
  await create('again');

  expect(versionIn((await world.ask('GET /secrets/again')).body)).not.toBe(first);
  expect((await world.ask(`GET /secrets/again/${first}`)).status).toBe(200);
});

test('a certificate takes no name that a secret has', async () => {
  await world.ask('PUT /secrets/taken', { body: { value: 'v' } });

  expect((await create('taken')).status).toBe(409);
});

test.each([
  ['GET /certificates/none', 'CertificateNotFound'],
  ['GET /certificates/none/0123', 'CertificateNotFound'],
  ['GET /certificates/none/pending', 'PendingCertificateNotFound'],
])('%s finds nothing', async (line, code) => {
  const { status, body } = await world.ask(line);

  expect([status, at(body, 'error', 'code')]).toEqual([404, code]);
});

test.each(['GET /certificates', 'GET /keys', 'GET /keys/web', 'POST /keys/web/create'])(
  'says plainly that it does not serve %s',
  async (line) => {
    const { status, body } = await world.ask(line);

    expect([status, at(body, 'error', 'code')]).toEqual([501, 'NotImplemented']);
  },
);
