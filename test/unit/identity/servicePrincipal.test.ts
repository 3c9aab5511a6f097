import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import type { ServicePrincipalIdentity } from '../../../src/core/observed/servicePrincipal.ts';
import { createCertificateExpiries } from '../../../src/identity/certificateExpiries.ts';
import { createServicePrincipalExchange } from '../../../src/identity/servicePrincipal.ts';
import { createAzureHttpClient } from '../../../src/net/azureHttpClient.ts';
import type { CertificateExpiries, CredentialClient } from '../../../src/ports/credentials.ts';
import { KubeApiError } from '../../../src/ports/kube.ts';
import { aClientCertificate } from '../../support/clientCertificate.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { explained } from '../explained.ts';
import { startAzureWorld, type AzureWorld } from './azureWorld.ts';
import { aServicePrincipal, fakeCredentials, type Values } from './storedSecret.ts';

const day = 86_400_000;
const scope = 'https://vault.azure.net/.default';
const notAfterMs = Date.now() + day;
const registered = aClientCertificate({ notAfterMs });
const expired = aClientCertificate({ notAfterMs: Date.now() - day });
const other = aClientCertificate({ notAfterMs: Date.now() + day, commonName: 'authority' });
const elliptic = aClientCertificate({ notAfterMs: Date.now() + day, keyType: 'ec' });
const { certificatePem, keyPem, encryptedKeyPem } = registered;
const cut = (pem: string): string => pem.replace(/\n.{10}/, '\n');

let world: AzureWorld;
let clientId: string;
let managed: string;
let expiries: CertificateExpiries;

beforeAll(async () => {
  world = await startAzureWorld();
  const clientSecrets = [
    { value: 'right', expiresAtMs: Date.now() + day },
    { value: 'over', expiresAtMs: Date.now() - day },
  ];
  const certificates = [registered.certificatePem, expired.certificatePem];
  const [application, identity] = await world.admin.createApplications(
    { clientSecrets, certificates },
    { kind: 'userAssignedIdentity', clientSecrets },
  );
  clientId = application?.clientId ?? '';
  managed = identity?.clientId ?? '';
});
afterAll(async () => world.close());

interface Asking {
  readonly values?: Values | undefined;
  readonly credentials?: Pick<CredentialClient, 'read'>;
  readonly identity?: Partial<ServicePrincipalIdentity>;
  readonly key?: string | undefined;
}

async function acquire({ values, credentials = fakeCredentials(values), identity, key }: Asking) {
  const clock = createManualClock(Date.now());
  expiries = createCertificateExpiries();
  const httpClient = createAzureHttpClient({
    ...world.route,
    timeoutMs: 10_000,
    clock,
    metrics: { breaker: () => undefined },
  });
  const exchange = createServicePrincipalExchange({
    credentials,
    httpClient,
    certificateExpiries: expiries,
    clock,
  });
  const { tenantId } = world.identity;
  const asking = aServicePrincipal({ tenantId, clientId, key, ...identity });
  return exchange({ identity: asking, scope });
}

const certificate = { kind: 'clientCertificate' } as const;
const aCertificate = (pem: string): Asking => ({
  values: { 'client.pem': pem },
  identity: certificate,
  key: 'client.pem',
});

describe('a token is given for', () => {
  test.each<[string, Asking]>([
    ['a client secret', { values: { 'client-secret': 'right' } }],
    ['a client secret with a line break behind it', { values: { 'client-secret': 'right\n' } }],
    ['a certificate behind its key', aCertificate(keyPem + certificatePem)],
    ['a certificate before its key', aCertificate(certificatePem + keyPem)],
    [
      'a certificate whose authority stands before it',
      aCertificate(keyPem + other.certificatePem + certificatePem),
    ],
    ['a file of Windows', aCertificate((keyPem + certificatePem).replaceAll('\n', '\r\n'))],
    ['a file without a last line break', aCertificate((keyPem + certificatePem).trimEnd())],
  ])('%s', async (_what, asking) => {
    expect((await acquire(asking)).expiresAt).toBeGreaterThan(Date.now());
  });

  test('a Secret of type kubernetes.io/tls, of which only two keys are looked at', async () => {
    const values = { 'tls.crt': certificatePem, 'tls.key': keyPem, 'ca.crt': 'x' };
    const credentials = fakeCredentials(values);
    const { credential } = aServicePrincipal();
    const identity = { ...certificate, credential: { ...credential, key: undefined } };

    expect(await acquire({ credentials, identity })).toHaveProperty('token');
    expect(credentials.asked).toEqual(['shop/entra tls.key tls.crt']);
  });
});

describe('when it expires', () => {
  const { credential } = aServicePrincipal({ key: 'client.pem' });
  const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

  test('is told of a certificate, for the state of the Secret that it was read from alone', async () => {
    await acquire(aCertificate(keyPem + certificatePem));

    expect(expiries.of(credential)).toBe(wholeSeconds(notAfterMs));
    expect(expiries.of({ ...credential, resourceVersion: '8' })).toBeUndefined();
    expiries.forget(credential.uid);
    expect(expiries.of(credential)).toBeUndefined();
  });

  test('is told of one that Microsoft Entra ID does not take, too', async () => {
    await acquire(aCertificate(other.keyPem + other.certificatePem)).catch(() => undefined);

    expect(expiries.of(credential)).toBeGreaterThan(Date.now());
  });

  test('is not known of a client secret', async () => {
    await acquire({ values: { 'client-secret': 'right' } });

    expect(expiries.of(credential)).toBeUndefined();
  });
});

interface Case extends Asking {
  readonly what: string;
  readonly reason: string;
  readonly tells: string[];
}

const label = 'kubectl get secret entra --namespace shop';

describe('Microsoft Entra ID refuses', () => {
  test.each<Case>([
    {
      what: 'a client secret that it does not know',
      values: { 'client-secret': 'wrong' },
      reason: 'ClientSecretWrong',
      tells: [
        'AADSTS7000215',
        'secret generic entra --namespace shop --from-literal=client-secret=',
      ],
    },
    {
      what: 'a client secret that has expired',
      values: { 'client-secret': 'over' },
      reason: 'ClientSecretExpired',
      tells: ['AADSTS7000222', 'az ad app credential reset --id ', ' --append'],
    },
    {
      what: 'a certificate that is not registered',
      ...aCertificate(other.keyPem + other.certificatePem),
      reason: 'ClientCertificateUnknown',
      tells: ['AADSTS700027', label, '--cert @client.crt'],
    },
    {
      what: 'a certificate that has expired',
      ...aCertificate(expired.keyPem + expired.certificatePem),
      reason: 'ClientCertificateExpired',
      tells: ['AADSTS700027', 'not valid any more', label],
    },
  ])('$what', async ({ reason, tells, ...asking }) => {
    expect((await explained(acquire(asking), tells)).reason).toBe(reason);
  });

  test('a client secret of a managed identity', async () => {
    const asking = { values: { 'client-secret': 'right' }, identity: { clientId: managed } };

    const failure = await explained(acquire(asking), ['AADSTS7000232', managed, 'team']);

    expect(failure.reason).toBe('CredentialOfManagedIdentity');
  });

  test('an application of another tenant, with the connection to correct', async () => {
    const identity = { clientId: '00000000-0000-4000-8000-00000000000a' };
    const asking = { values: { 'client-secret': 'right' }, identity };

    const failure = await explained(acquire(asking), [
      'spec.servicePrincipal.clientId: kubectl edit vaultconnection team --namespace shop',
    ]);

    expect(failure.reason).toBe('ApplicationNotFound');
  });
});

describe('nothing is sent to Microsoft Entra ID', () => {
  const pfx = Buffer.from('3082', 'hex');

  test.each<Case>([
    {
      what: 'a Secret that has not the key that is named',
      values: { other: 'right' },
      reason: 'CredentialKeyMissing',
      tells: ['no key client-secret', 'kubectl describe secret entra --namespace shop'],
    },
    {
      what: 'an empty client secret',
      values: { 'client-secret': '\n' },
      reason: 'CredentialUnreadable',
      tells: ['is empty'],
    },
    {
      what: 'a certificate that is a PKCS #12 file',
      values: { 'client.pem': pfx },
      identity: certificate,
      key: 'client.pem',
      reason: 'CredentialUnreadable',
      tells: ['a PKCS #12 file', 'openssl pkcs12 -in '],
    },
    {
      what: 'an encrypted key',
      ...aCertificate(encryptedKeyPem + certificatePem),
      reason: 'CredentialUnreadable',
      tells: ['is encrypted', 'openssl pkey -in '],
    },
    {
      what: 'a key without a certificate',
      ...aCertificate(keyPem),
      reason: 'CredentialUnreadable',
      tells: ['no certificate'],
    },
    {
      what: 'a certificate without a key',
      ...aCertificate(certificatePem),
      reason: 'CredentialUnreadable',
      tells: ['no private key'],
    },
    {
      what: 'a certificate of another key',
      ...aCertificate(keyPem + other.certificatePem),
      reason: 'CredentialUnreadable',
      tells: ['another private key'],
    },
    {
      what: 'a key that is not RSA',
      ...aCertificate(elliptic.keyPem + elliptic.certificatePem),
      reason: 'CredentialUnreadable',
      tells: ['not RSA'],
    },
    {
      what: 'a key of which a part is missing',
      ...aCertificate(cut(keyPem) + certificatePem),
      reason: 'CredentialUnreadable',
      tells: ['cannot be read'],
    },
    {
      what: 'a certificate of which a part is missing',
      ...aCertificate(keyPem + cut(certificatePem)),
      reason: 'CredentialUnreadable',
      tells: ['cannot be read'],
    },
  ])('for $what', async ({ reason, tells, ...asking }) => {
    await world.admin.resetRequestCounts();

    const failure = await explained(acquire(asking), tells);

    expect(failure.reason).toBe(reason);
    expect((await world.admin.requestCounts()).counts).toEqual([]);
  });

  test.each<[string, Pick<CredentialClient, 'read'>]>([
    ['another version', fakeCredentials({ 'client-secret': 'right' }, { resourceVersion: '8' })],
    ['made again', fakeCredentials({ 'client-secret': 'right' }, { uid: 'u2' })],
    ['gone', fakeCredentials(undefined)],
  ])('for a Secret that is another than the one that was seen: %s', async (_what, credentials) => {
    await world.admin.resetRequestCounts();

    const failure = await explained(acquire({ credentials }), ['is being changed']);

    expect(failure.reason).toBe('CredentialChanging');
    expect((await world.admin.requestCounts()).counts).toEqual([]);
  });

  test('when the API server gives none', async () => {
    const refusedBy = { kind: 'rights', user: 'somebody', verb: 'get' } as const;
    const refusal = new KubeApiError({ status: 403, reason: 'Forbidden', message: '', refusedBy });
    const credentials = { read: () => Promise.reject(refusal) };

    const failure = await explained(acquire({ credentials }), ['can-i get secrets', 'somebody']);

    expect(failure.reason).toBe('CredentialReadRefused');
    expect(failure).toBeInstanceOf(ReconcileError);
  });
});
