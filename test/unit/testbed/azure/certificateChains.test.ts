import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type SecureContextOptions } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { at, startWorld, textAt, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeAll(async () => {
  // Certificates are judged by the clock of the machine.
  world = await startWorld({ now: Date.now });
  await world.admin('POST /vaults/shop/certificateIssuers', [
    { name: 'Contoso' },
    { name: 'Fabrikam', depth: 1 },
  ]);
});
afterAll(() => world.close());

interface Wish {
  key_props?: object;
  issuer?: string;
  contentType?: string;
}

async function create(name: string, { key_props, issuer = 'Self', contentType }: Wish) {
  const policy = {
    key_props,
    secret_props: { contentType },
    x509_props: { subject: 'CN=shop.example', sans: { dns_names: ['shop.example'] } },
    issuer: { name: issuer },
  };
  return world.ask(`POST /certificates/${name}/create`, { body: { policy } });
}

const valueOf = async (name: string, query = ''): Promise<string> =>
  textAt((await world.ask(`GET /secrets/${name}${query}`)).body, 'value');

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

/** Subjects from the leaf to the root that a client gets from a server that was given this. */
async function handshake(given: SecureContextOptions, ca: string): Promise<string[]> {
  const server = createServer({ ...given, passphrase: '' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const client = connect({ port, host: '127.0.0.1', ca, servername: 'shop.example' });
  await once(client, 'secureConnect');
  const subjects: string[] = [];
  for (let one = client.getPeerX509Certificate(); one !== undefined; one = one.issuerCertificate) {
    subjects.push(one.subject);
  }
  client.destroy();
  server.close();
  return subjects;
}

test.each([
  [{ kty: 'EC' }, 'prime256v1'],
  [{ kty: 'EC', crv: 'P-256', key_size: 256 }, 'prime256v1'],
  [{ kty: 'EC', crv: 'P-384' }, 'secp384r1'],
  [{ kty: 'EC', crv: 'P-521', key_size: 521 }, 'secp521r1'],
])('a key of %j is one of %s, in PFX and PEM alike', async (key_props, namedCurve) => {
  const name = `${namedCurve}-${Object.keys(key_props).length}`;
  await create(name, { key_props });
  const pem = await valueOf(name, '?outContentType=application/x-pem-file');
  const pfx = Buffer.from(await valueOf(name), 'base64');
  const { body } = await world.ask(`GET /certificates/${name}/policy`);

  expect(createPrivateKey(pem).asymmetricKeyDetails).toEqual({ namedCurve });
  expect(certificatesIn(pem)[0]?.checkPrivateKey(createPrivateKey(pem))).toBe(true);
  expect(at(body, 'key_props')).toMatchObject({ ...key_props, exportable: true });
  expect(await handshake({ pfx }, pem)).toEqual(['CN=shop.example']);
});

test.each([
  [{ kty: 'EC', crv: 'P-192' }],
  [{ kty: 'EC', key_size: 2048 }],
  [{ kty: 'RSA', key_size: 256 }],
  [{ kty: 'oct' }],
])('a key of %j is refused', async (key_props) => {
  expect((await create('refused', { key_props })).status).toBe(400);
});

test('an issuer that the vault does not have is refused', async () => {
  expect((await create('refused', { issuer: 'Nobody' })).status).toBe(400);
});

test.each([
  ['Contoso', 'RSA', ['CN=shop.example', 'CN=Contoso 1', 'CN=Contoso root']],
  ['contoso', 'EC', ['CN=shop.example', 'CN=Contoso 1', 'CN=Contoso root']],
  ['Fabrikam', 'RSA', ['CN=shop.example', 'CN=Fabrikam root']],
])('a certificate of %s with a key of %s stands before its issuers', async (...row) => {
  const [issuer, kty, subjects] = row;
  const name = `${issuer}-${kty}`;
  await create(name, { key_props: { kty }, issuer });
  const pem = await valueOf(name, '?outContentType=application/x-pem-file');
  const pfx = Buffer.from(await valueOf(name), 'base64');
  const chain = certificatesIn(pem);
  const root = chain.at(-1);

  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(chain.map(({ subject }) => subject)).toEqual(subjects);
  for (const [index, one] of chain.entries()) {
    const signer = chain[index + 1] ?? one;
    expect(one.checkIssued(signer) && one.verify(signer.publicKey)).toBe(true);
  }
  expect(chain[0]?.checkPrivateKey(createPrivateKey(pem))).toBe(true);
  expect(await handshake({ pfx }, String(root))).toEqual(subjects);
  expect(await handshake({ key: pem, cert: pem }, String(root))).toEqual(subjects);
});

test('what is kept as PEM has the chain too', async () => {
  await create('kept', { issuer: 'Contoso', contentType: 'application/x-pem-file' });

  expect(certificatesIn(await valueOf('kept'))).toHaveLength(3);
});
