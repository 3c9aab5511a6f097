import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { tokenExchangeAudience } from '../../src/api/meta.ts';
import { controllerNamespace, controllerName } from '../testbed/installation.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import {
  clusterVaultConnections,
  namespaces,
  secrets,
  vaultConnections,
  vaultSecrets,
  type VaultSecret,
} from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
let directory: string;
let clientId: string;
const connections: string[] = [];

/** The controller's pod with the identity that an administrator bound to it. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-lending-'));
  const tokenFile = join(directory, 'token');
  const at = { namespace: controllerNamespace, name: controllerName };
  await writeFile(tokenFile, await kube.requestToken(at, { audience: tokenExchangeAudience }));
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
  clientId = application?.clientId ?? '';
  const subject = `system:serviceaccount:${at.namespace}:${at.name}`;
  await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject });
  const controller = await world.startController({
    env: { AZURE_CLIENT_ID: clientId, AZURE_FEDERATED_TOKEN_FILE: tokenFile },
  });
  await controller.untilReady();
});

afterAll(async () => {
  await Promise.all(connections.map((name) => kube.delete(clusterVaultConnections, { name })));
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

const readyOf = (found: VaultSecret | undefined) =>
  found?.status?.conditions?.find(({ type }) => type === 'Ready');

const untilReason = (namespace: string, reason: string, name = 'app') =>
  untilObject(
    kube,
    vaultSecrets,
    { namespace, name },
    {
      what: `reason ${reason}`,
      holds: (found) => readyOf(found)?.reason === reason && found,
    },
  );

const untilValue = (namespace: string, value: string) =>
  untilObject(
    kube,
    secrets,
    { namespace, name: 'app' },
    {
      what: 'the value in the Secret',
      holds: (secret) => Buffer.from(secret?.data['K'] ?? '', 'base64').toString() === value,
    },
  );

const dataFrom = (name: string) => [{ dataKey: 'K', secret: { name } }];

const createVaultSecret = (
  namespace: string,
  kind: 'VaultConnection' | 'ClusterVaultConnection',
  connection: string,
  secret = `${namespace}--key`,
) =>
  kube.create(vaultSecrets, {
    metadata: { namespace, name: 'app' },
    spec: { vaultConnectionRef: { kind, name: connection }, data: dataFrom(secret) },
  });

interface Lending {
  readonly names?: string[];
  readonly matchLabels?: Record<string, string>;
}

async function createLending(vault: string, { names, matchLabels }: Lending): Promise<string> {
  const name = `lending-${vault}`;
  connections.push(name);
  await kube.create(clusterVaultConnections, {
    metadata: { name },
    spec: {
      vaultUrl: `https://${vault}.vault.azure.net`,
      allowedNamespaces: {
        ...(names === undefined ? {} : { names }),
        ...(matchLabels === undefined ? {} : { selector: { matchLabels } }),
      },
      lend: {
        identity: { kind: 'ControllerWorkloadIdentity' },
        objectPatterns: ['{namespace}--*'],
      },
    },
  });
  return name;
}

const readsAt = async (vault: string): Promise<number> =>
  (await azure.requestCounts()).counts
    .filter((count) => count.vault === vault && count.kind === 'get')
    .reduce((total, { count }) => total + count, 0);

describe('a VaultConnection', () => {
  test('names vault and reader for its namespace; an edit of it is followed at once', async () => {
    const team = await stage.createTeam();
    const { namespace, vault, vaultUrl, serviceAccountName } = team;
    const other = await stage.createVault();
    const role = 'Key Vault Secrets User';
    await azure.assignRoles({ vault: other, clientId: team.clientId, role });
    await azure.putSecret(vault, `${namespace}--key`, { value: 'here' });
    await azure.putSecret(other, `${namespace}--key`, { value: 'there' });
    await createVaultSecret(namespace, 'VaultConnection', 'team');
    await untilReason(namespace, 'VaultConnectionNotFound');

    await kube.create(vaultConnections, {
      metadata: { namespace, name: 'team' },
      spec: { vaultUrl, serviceAccountName },
    });
    await untilValue(namespace, 'here');

    await kube.mergePatch(
      vaultConnections,
      { namespace, name: 'team' },
      {
        spec: { vaultUrl: `https://${other}.vault.azure.net` },
      },
    );
    await expect(untilValue(namespace, 'there')).resolves.toBe(true);
  });

  test('of another namespace is none', async () => {
    const team = await stage.createTeam();
    const { vaultUrl, serviceAccountName } = team;
    await kube.create(vaultConnections, {
      metadata: { namespace: team.namespace, name: 'team' },
      spec: { vaultUrl, serviceAccountName },
    });
    const stranger = await stage.createNamespace();
    await createVaultSecret(stranger, 'VaultConnection', 'team');

    const found = await untilReason(stranger, 'VaultConnectionNotFound');
    expect(readyOf(found)?.status).toBe('False');
  });
});

describe('a ClusterVaultConnection that lends', () => {
  test('lets an allowed namespace read its own objects with the lent identity, and no other', async () => {
    const vault = await stage.createVault();
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
    const allowed = await stage.createNamespace();
    const stranger = await stage.createNamespace();
    await azure.putSecret(vault, `${allowed}--key`, { value: 'lent' });
    await azure.putSecret(vault, `${stranger}--key`, { value: 'not lent' });
    const lending = await createLending(vault, { names: [allowed] });

    await createVaultSecret(allowed, 'ClusterVaultConnection', lending);
    await untilValue(allowed, 'lent');
    const before = await readsAt(vault);
    await createVaultSecret(stranger, 'ClusterVaultConnection', lending);
    await untilReason(stranger, 'ClusterVaultConnectionNotAvailable');

    expect(await readsAt(vault)).toBe(before);
    expect(await kube.find(secrets, { namespace: stranger, name: 'app' })).toBeUndefined();
  });

  test('asks for no object outside its patterns, whether that exists or not', async () => {
    const vault = await stage.createVault();
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
    const namespace = await stage.createNamespace();
    await azure.putSecret(vault, 'other--key', { value: 'secret of others' });
    const lending = await createLending(vault, { names: [namespace] });
    const message = async (object: string): Promise<string | undefined> => {
      await createVaultSecret(namespace, 'ClusterVaultConnection', lending, object);
      const found = await untilReason(namespace, 'ObjectNotLent');
      await kube.delete(vaultSecrets, { namespace, name: 'app' });
      return readyOf(found)?.message.replaceAll(object, 'X');
    };

    expect(await message('other--key')).toBe(await message('nothing--key'));
    expect(await readsAt(vault)).toBe(0);
  });

  test('takes a grant by label back at once, while token and values are still warm', async () => {
    const vault = await stage.createVault();
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
    const namespace = await stage.createNamespace();
    await azure.putSecret(vault, `${namespace}--key`, { value: 'lent' });
    const lending = await createLending(vault, { matchLabels: { vault } });
    await createVaultSecret(namespace, 'ClusterVaultConnection', lending);
    await untilReason(namespace, 'ClusterVaultConnectionNotAvailable');

    await kube.mergePatch(namespaces, { name: namespace }, { metadata: { labels: { vault } } });
    await untilValue(namespace, 'lent');
    const before = await readsAt(vault);
    await kube.mergePatch(
      namespaces,
      { name: namespace },
      { metadata: { labels: { vault: null } } },
    );
    await untilReason(namespace, 'ClusterVaultConnectionNotAvailable');

    expect(await readsAt(vault)).toBe(before);
    await untilObject(
      kube,
      clusterVaultConnections,
      { name: lending },
      {
        what: 'the condition that says what a selector means',
        holds: (found) => found?.status?.conditions?.some(({ type }) => type === 'GrantedByLabel'),
      },
    );
  });

  test('tells the user code and connection, and the administrator why', async () => {
    const vault = await stage.createVault();
    const namespace = await stage.createNamespace();
    await azure.putSecret(vault, `${namespace}--key`, { value: 'lent' });
    const lending = await createLending(vault, { names: [namespace] });
    await createVaultSecret(namespace, 'ClusterVaultConnection', lending);

    const found = await untilReason(namespace, 'LentReadRefused');
    expect(readyOf(found)?.message).toContain('VS315');
    expect(JSON.stringify(found)).not.toContain(clientId);
    expect(JSON.stringify(found.status)).not.toContain(`${vault}.vault`);
    await untilObject(
      kube,
      clusterVaultConnections,
      { name: lending },
      {
        what: 'the administrator to be told',
        holds: (connection) =>
          connection?.status?.conditions?.some(
            ({ type, status, message }) =>
              type === 'Ready' && status === 'False' && message.includes(clientId),
          ),
      },
    );

    await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
    await untilValue(namespace, 'lent');
    await untilObject(
      kube,
      clusterVaultConnections,
      { name: lending },
      {
        what: 'the connection to be ready again',
        holds: (connection) =>
          connection?.status?.conditions?.some(
            ({ type, status }) => type === 'Ready' && status === 'True',
          ),
      },
    );
  });
});
