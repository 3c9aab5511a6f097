import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import { credentialLabel } from '../../src/api/meta.ts';
import { aClientCertificate } from '../support/clientCertificate.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import { secrets, vaultConnections, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { countRequests } from './attacks/azureRequests.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const { tenantId } = testbed.azure;
const day = 86_400_000;
const vaultConnectionRef = { kind: 'VaultConnection', name: 'team' } as const;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

interface Application {
  readonly namespace: string;
  readonly vault: string;
  readonly clientId: string;
}

/** A namespace, a vault with one object, and an application that may read it: nothing of a ServiceAccount. */
async function anApplication(value = 'first'): Promise<Application> {
  const namespace = await stage.createNamespace();
  const vault = await stage.createVault();
  const [application] = await azure.createApplications({});
  const clientId = application?.clientId ?? '';
  await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
  await azure.putSecret(vault, 'password', { value });
  return { namespace, vault, clientId };
}

const clientSecrets = (...values: string[]) =>
  values.map((value) => ({ value, expiresAtMs: Date.now() + day }));

async function putCredential(
  namespace: string,
  stringData: Record<string, string>,
  labels: Record<string, string> = { [credentialLabel]: 'true' },
): Promise<void> {
  await kube.apply(secrets, { metadata: { namespace, name: 'entra', labels }, stringData });
}

/** The VaultSecret `app`, which names nobody, and the VaultConnection that does. */
async function connect(
  { namespace, vault, clientId }: Application,
  reference: object = { secretRef: { name: 'entra', key: 'client-secret' } },
): Promise<void> {
  await kube.create(vaultConnections, {
    metadata: { namespace, name: 'team' },
    spec: {
      vaultUrl: `https://${vault}.vault.azure.net`,
      servicePrincipal: { tenantId, clientId, ...reference },
    },
  });
  await kube.create(vaultSecrets, {
    metadata: { namespace, name: 'app' },
    spec: { vaultConnectionRef, data: [{ dataKey: 'K', secret: { name: 'password' } }] },
  });
}

const until = (namespace: string, status: 'True' | 'False', reason: string) =>
  untilCondition(kube, { namespace, name: 'app' }, { status, reason });

const valuesIn = async (namespace: string) =>
  textsOf(await kube.get(secrets, { namespace, name: 'app' }));

/** One that is in sync. */
async function synced(): Promise<Application> {
  const application = await anApplication();
  const { namespace, clientId } = application;
  await azure.changeApplication(clientId, { clientSecrets: clientSecrets('old') });
  await putCredential(namespace, { 'client-secret': 'old' });
  await connect(application);
  await until(namespace, 'True', 'Synced');
  return application;
}

const tokensOf = async ({ clientId }: Application) =>
  countRequests(world, { clientId, kind: 'token', status: 200 });
const readsOf = async ({ clientId, vault }: Application) =>
  countRequests(world, { clientId, vault, kind: 'get', status: 200 });

describe('an application reads with', () => {
  test('a client secret that its owner labelled; not before', async () => {
    const application = await anApplication();
    const { namespace, clientId } = application;
    await azure.changeApplication(clientId, { clientSecrets: clientSecrets('right') });
    await putCredential(namespace, { 'client-secret': 'right' }, {});
    await connect(application);
    // When it is not labelled by its owner it is not read.
    await until(namespace, 'False', 'CredentialSecretNotFound');
    expect(await tokensOf(application)).toBe(0);

    await putCredential(namespace, { 'client-secret': 'right' });
    await until(namespace, 'True', 'Synced');

    expect(await valuesIn(namespace)).toEqual({ K: 'first' });
    expect(await readsOf(application)).toBe(1);
  });

  test('a certificate as cert-manager writes it', async () => {
    const application = await anApplication();
    const { namespace, clientId } = application;
    const notAfterMs = Date.now() + day;
    const { certificatePem, keyPem } = aClientCertificate({ notAfterMs });
    await azure.changeApplication(clientId, { certificates: [certificatePem] });
    await kube.create(secrets, {
      metadata: { namespace, name: 'entra', labels: { [credentialLabel]: 'true' } },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': certificatePem, 'tls.key': keyPem },
    });
    await connect(application, { certificateRef: { name: 'entra' } });

    const found = await until(namespace, 'True', 'Synced');
    expect(found.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'StoredCredential', reason: 'CertificateExpiresSoon' }),
    );

    expect(await readsOf(application)).toBe(1);
    const seconds = Math.floor(notAfterMs / 1000);
    expect(await controller.metrics()).toContain(
      `vaultsecret_next_client_certificate_expiry_timestamp_seconds ${seconds}`,
    );
  });
});

describe('a stored credential that is replaced', () => {
  test('is used within seconds, with no failure in between, and no longer the old one', async () => {
    const application = await synced();
    const { namespace, clientId } = application;
    await azure.changeApplication(clientId, { clientSecrets: clientSecrets('old', 'new') });
    const before = await tokensOf(application);

    await putCredential(namespace, { 'client-secret': 'new' });
    await expect.poll(() => tokensOf(application), { timeout: 10_000 }).toBe(before + 1);
    await azure.changeApplication(clientId, { clientSecrets: clientSecrets('new') });

    const found = await until(namespace, 'True', 'Synced');
    const [ready] = found.status?.conditions ?? [];
    expect(ready?.lastTransitionTime).toBe(found.status?.syncedAt);
  });

  test('is used so when it is a certificate', async () => {
    const application = await anApplication();
    const { namespace, clientId } = application;
    const [old, renewed] = [1, 2].map((days) =>
      aClientCertificate({ notAfterMs: Date.now() + days * day }),
    );
    const registered = (one: typeof old) => ({ certificates: [one?.certificatePem ?? ''] });
    const put = (one: typeof old) =>
      putCredential(namespace, { pem: `${one?.keyPem}\n${one?.certificatePem}` });
    await azure.changeApplication(clientId, registered(old));
    await put(old);
    await connect(application, { certificateRef: { name: 'entra', key: 'pem' } });
    await until(namespace, 'True', 'Synced');
    const before = await tokensOf(application);
    // A warm token bears the time between; an exchange by the old one would fail.
    await azure.changeApplication(clientId, registered(renewed));

    await put(renewed);
    await expect.poll(() => tokensOf(application), { timeout: 10_000 }).toBe(before + 1);

    await until(namespace, 'True', 'Synced');
    const ours = controller.lines.filter((line) => line.includes(`"${namespace}/app"`));
    expect(ours.filter((line) => line.includes('reconcile failed'))).toEqual([]);
  });

  test('by a wrong one fails, whatever token is still warm', async () => {
    const application = await synced();
    const { namespace, vault } = application;
    const reads = await readsOf(application);
    await azure.putSecret(vault, 'password', { value: 'second' });

    await putCredential(namespace, { 'client-secret': 'guessed' });
    await until(namespace, 'False', 'ClientSecretWrong');

    expect(await readsOf(application)).toBe(reads);
    expect(await valuesIn(namespace)).toEqual({ K: 'first' });
  });

  test('after it expired is taken at once', async () => {
    const application = await anApplication();
    const { namespace, clientId } = application;
    const over = { value: 'over', expiresAtMs: Date.now() - day };
    await azure.changeApplication(clientId, { clientSecrets: [over, ...clientSecrets('new')] });
    await putCredential(namespace, { 'client-secret': 'over' });
    await connect(application);
    await until(namespace, 'False', 'ClientSecretExpired');

    await putCredential(namespace, { 'client-secret': 'new' });

    await until(namespace, 'True', 'Synced');
    expect(await valuesIn(namespace)).toEqual({ K: 'first' });
  });
});

describe('a stored credential serves nobody any more', () => {
  test.each<[string, (namespace: string) => Promise<unknown>]>([
    [
      'whose owner took the label off',
      (namespace) =>
        kube.mergePatch(
          secrets,
          { namespace, name: 'entra' },
          { metadata: { labels: { [credentialLabel]: null } } },
        ),
    ],
    ['that was deleted', (namespace) => kube.delete(secrets, { namespace, name: 'entra' })],
  ])('%s, while its token is warm', async (_what, withdraw) => {
    const application = await synced();
    const { namespace } = application;
    const before = [await tokensOf(application), await readsOf(application)];

    await withdraw(namespace);
    await until(namespace, 'False', 'CredentialSecretNotFound');
    await kube.mergePatch(
      vaultSecrets,
      { namespace, name: 'app' },
      { spec: { refreshInterval: '2m' } },
    );
    await until(namespace, 'False', 'CredentialSecretNotFound');

    expect([await tokensOf(application), await readsOf(application)]).toEqual(before);
  });

  test('that is made again with another value, while its token is warm', async () => {
    const application = await synced();
    const { namespace } = application;
    const before = await readsOf(application);

    await kube.delete(secrets, { namespace, name: 'entra' });
    await putCredential(namespace, { 'client-secret': 'guessed' });
    await until(namespace, 'False', 'ClientSecretWrong');

    expect(await readsOf(application)).toBe(before);
  });

  test('of another namespace, under the same name', async () => {
    const application = await synced();
    const stranger = await stage.createNamespace();
    const before = [await tokensOf(application), await readsOf(application)];

    await connect({ ...application, namespace: stranger });
    await until(stranger, 'False', 'CredentialSecretNotFound');

    expect([await tokensOf(application), await readsOf(application)]).toEqual(before);
  });
});
