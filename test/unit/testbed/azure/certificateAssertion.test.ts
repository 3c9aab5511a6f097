import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aClientCertificate } from '../../../support/clientCertificate.ts';
import { at, startMs, startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

const day = 86_400_000;
const registered = aClientCertificate({ notAfterMs: startMs + day });
const expired = aClientCertificate({ notAfterMs: startMs - day });

let world: StandInWorld;
let clientId: string;

beforeAll(async () => {
  world = await startWorld();
  const certificates = [registered, expired].map(({ certificatePem }) => certificatePem);
  clientId = await world.addApplication({ certificates });
});
afterAll(() => world.close());

interface Signing {
  readonly certificatePem?: string;
  readonly keyPem?: string;
  readonly audience?: string;
  readonly issuer?: string;
  readonly header?: 'x5t' | 'x5t#S256';
  readonly lifeMs?: number;
  readonly notBeforeMs?: number;
}

/** As https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials says. */
async function exchange(signing: Signing): Promise<readonly unknown[]> {
  const { certificatePem = registered.certificatePem, keyPem = registered.keyPem } = signing;
  const { header = 'x5t#S256', issuer = clientId, lifeMs = 600_000 } = signing;
  const tokenUrl = `https://login.microsoftonline.com/${world.standIn.tenantId}/oauth2/v2.0/token`;
  const thumbprint = createHash(header === 'x5t' ? 'sha1' : 'sha256')
    .update(new X509Certificate(certificatePem).raw)
    .digest('base64url');
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: header === 'x5t' ? 'RS256' : 'PS256', [header]: thumbprint })
    .setIssuer(issuer)
    .setSubject(issuer)
    .setAudience(signing.audience ?? tokenUrl)
    .setNotBefore(Math.ceil((world.clock.nowMs + (signing.notBeforeMs ?? 0)) / 1000))
    .setExpirationTime(Math.floor((world.clock.nowMs + lifeMs) / 1000))
    .sign(createPrivateKey(keyPem));
  const { status, body } = await world.entra('/oauth2/v2.0/token', {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: 'https://vault.azure.net/.default',
  });
  return [status, at(body, 'error_codes', 0), at(body, 'error_description')];
}

test.each(['x5t', 'x5t#S256'] as const)(
  'a token is given for what a registered certificate signed, named by %s',
  async (header) => {
    expect((await exchange({ header }))[0]).toBe(200);
  },
);

test('a client whose clock runs a minute ahead is given one', async () => {
  expect((await exchange({ notBeforeMs: 60_000 }))[0]).toBe(200);
});

const stranger = aClientCertificate({ notAfterMs: startMs + day });

test.each<[string, Signing, number, string]>([
  ['that is not registered', stranger, 700027, 'The key was not found'],
  ['that has expired', expired, 700027, 'The key used is expired'],
  ['whose key is another', { keyPem: stranger.keyPem }, 700027, 'invalid signature'],
  ['for another application', { issuer: randomUUID() }, 700021, 'does'],
  ['for another tenant', { audience: 'https://login.microsoftonline.com/x/v2.0' }, 700023, 'aud'],
  ['an hour ago', { lifeMs: -3_600_000 }, 700024, 'valid time range'],
])('none is given for a certificate %s', async (_what, signing, code, text) => {
  expect(await exchange(signing)).toEqual([401, code, expect.stringContaining(text)]);
});

test('a certificate that was taken off is not known any more, one that was added is', async () => {
  await world.admin(`PATCH /applications/${clientId}`, {
    certificates: [stranger.certificatePem],
  });

  expect((await exchange({}))[1]).toBe(700027);
  expect((await exchange(stranger))[0]).toBe(200);
});

test('what is no certificate is refused', async () => {
  const { status } = await world.admin('POST /applications', { certificates: ['none'] });

  expect(status).toBe(400);
});
