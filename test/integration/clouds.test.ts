import { randomUUID } from 'node:crypto';
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
import { clientIdAnnotation, tenantIdAnnotation } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import {
  clusterVaultConnections,
  secrets,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { countRequests } from './attacks/azureRequests.ts';

const world = openWorld(inject('testbed'));
const { kube, azure, stage, testbed } = world;
let controller: ControllerProcess;

const custom = {
  authorityHost: 'https://login.cloud.example',
  vaultSuffix: 'vault.cloud.example',
  scope: 'https://vault.cloud.example/.default',
};

beforeAll(async () => {
  await azure.call('POST', '/clouds', {
    name: 'Custom',
    authorityHost: 'login.cloud.example',
    vaultSuffix: custom.vaultSuffix,
    vaultResource: 'https://vault.cloud.example',
  });
  const { vaultAddress, entraAddress } = testbed.azure;
  const resolve = [
    ...['vault.azure.cn', 'vault.usgovcloudapi.net', custom.vaultSuffix].map(
      (suffix) => `--resolve=*.${suffix}=${vaultAddress}`,
    ),
    ...['login.partner.microsoftonline.cn', 'login.microsoftonline.us', 'login.cloud.example'].map(
      (host) => `--resolve=${host}=${entraAddress}`,
    ),
  ];
  controller = await world.startController({ args: resolve });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(() => world.close());

interface Team {
  readonly at: { readonly namespace: string; readonly name: string };
  readonly vault: string;
  readonly clientId: string;
  readonly tenantId: string;
}

/** A namespace whose ServiceAccount is bound to an identity of a tenant of its own, with a vault there. */
async function createTeam(
  cloud: string,
  annotateTenant = true,
  vaultSettings: { readonly latestApiVersion?: string } = {},
): Promise<Team> {
  const namespace = await stage.createNamespace();
  const tenantId = randomUUID();
  const vault = `v-${namespace}`.slice(0, 24);
  await azure.call('POST', '/tenants', { tenantId, cloud });
  await azure.createVaults({ name: vault, cloud, tenantId, ...vaultSettings });
  await azure.putSecret(vault, 'password', { value: `of ${cloud}` });
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity', tenantId });
  const clientId = application?.clientId ?? '';
  const subject = `system:serviceaccount:${namespace}:app`;
  await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject });
  await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
  const tenant = annotateTenant ? { [tenantIdAnnotation]: tenantId } : {};
  const annotations = { [clientIdAnnotation]: clientId, ...tenant };
  await kube.create(serviceAccounts, { metadata: { namespace, name: 'app', annotations } });
  return { at: { namespace, name: 'app' }, vault, clientId, tenantId };
}

const data = [{ dataKey: 'K', secret: { name: 'password' } }];
const reader = { serviceAccountName: 'app', data };

/** What was read once it is there, and by how many tokens and reads of the team's identity. */
async function readBy({ at, vault, clientId }: Team) {
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  return {
    ...textsOf(await kube.get(secrets, at)),
    tokens: await countRequests(world, { clientId, kind: 'token', status: 200 }),
    reads: await countRequests(world, { vault, clientId, kind: 'get', status: 200 }),
  };
}

const once = (value: string) => ({ K: value, tokens: 1, reads: 1 });

describe('a vault is read in its own cloud', () => {
  test.each([
    ['AzurePublic', 'vault.azure.net'],
    ['AzureChina', 'vault.azure.cn'],
    ['AzureUSGovernment', 'vault.usgovcloudapi.net'],
  ])('%s, which its suffix names', async (cloud, suffix) => {
    const team = await createTeam(cloud);

    await kube.create(vaultSecrets, {
      metadata: team.at,
      spec: { vaultUrl: `https://${team.vault}.${suffix}`, ...reader },
    });

    expect(await readBy(team)).toEqual(once(`of ${cloud}`));
  });

  test.each([
    ['one that an administrator describes on a ClusterVaultConnection', {}, {}],
    [
      'one that serves no newer version of the API than that of Azure Stack Hub',
      { latestApiVersion: '7.1' },
      { apiVersion: '7.1' },
    ],
  ])('%s', async (_what, vaultSettings, cloudSettings) => {
    const team = await createTeam('Custom', true, vaultSettings);
    const { namespace } = team.at;
    await kube.create(clusterVaultConnections, {
      metadata: { name: team.vault },
      spec: {
        vaultUrl: `https://${team.vault}.${custom.vaultSuffix}`,
        cloud: { name: 'Custom', ...custom, ...cloudSettings },
        allowedNamespaces: { names: [namespace] },
      },
    });
    const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: team.vault } as const;

    await kube.create(vaultSecrets, { metadata: team.at, spec: { vaultConnectionRef, ...reader } });

    expect(await readBy(team)).toEqual(once('of Custom'));
    await kube.delete(clusterVaultConnections, { name: team.vault });
  });
});

test('an identity of one cloud is nobody in another, and that is explained before a vault gets a token', async () => {
  const { at, vault, tenantId } = await createTeam('AzurePublic');
  const china = await createTeam('AzureChina');

  await kube.create(vaultSecrets, {
    metadata: at,
    spec: { vaultUrl: `https://${china.vault}.vault.azure.cn`, ...reader },
  });

  // The vault names its tenant first.
  const found = await untilCondition(kube, at, { status: 'False', reason: 'VaultInOtherTenant' });
  expect(found.status?.conditions?.[0]?.message).toContain(tenantId);
  expect(await countRequests(world, { vault, kind: 'get' })).toBe(0);
  expect(await countRequests(world, { vault: china.vault, kind: 'get' })).toBe(0);
});

describe('the tenant of an identity', () => {
  const vaultUrlOf = ({ vault }: Team) => `https://${vault}.vault.azure.net`;

  test('is the one that the connection names, where the ServiceAccount names none', async () => {
    const team = await createTeam('AzurePublic', false);
    const { namespace } = team.at;
    await kube.create(vaultConnections, {
      metadata: { namespace, name: 'team' },
      spec: { vaultUrl: vaultUrlOf(team), tenantId: team.tenantId, serviceAccountName: 'app' },
    });
    const vaultConnectionRef = { kind: 'VaultConnection', name: 'team' } as const;

    await kube.create(vaultSecrets, { metadata: team.at, spec: { vaultConnectionRef, data } });

    expect(await readBy(team)).toEqual(once('of AzurePublic'));
  });

  test('else the default of the controller: a vault of another tenant says so, with the command that helps', async () => {
    const team = await createTeam('AzurePublic', false);
    const { at, vault, clientId } = team;

    await kube.create(vaultSecrets, {
      metadata: at,
      spec: { vaultUrl: vaultUrlOf(team), ...reader },
    });

    const found = await untilCondition(kube, at, { status: 'False', reason: 'VaultInOtherTenant' });
    const message = found.status?.conditions?.[0]?.message ?? '';
    expect(message).toContain(`another tenant than ${testbed.azure.tenantId}`);
    expect(message).toContain(
      `serviceaccount app --namespace ${at.namespace} ${tenantIdAnnotation}=`,
    );
    expect(message).toContain(`az keyvault show --name ${vault} --query properties.tenantId`);
    expect(await countRequests(world, { clientId, kind: 'token' })).toBe(0);

    const annotations = { [tenantIdAnnotation]: team.tenantId };
    await kube.mergePatch(serviceAccounts, at, { metadata: { annotations } });
    expect(await readBy(team)).toEqual(once('of AzurePublic'));
  });
});

test('a lent identity that is asked for in a cloud where its tenant is unknown is explained to the administrator', async () => {
  const { at, vault } = await createTeam('AzureUSGovernment');
  await kube.create(clusterVaultConnections, {
    metadata: { name: vault },
    spec: {
      vaultUrl: `https://${vault}.vault.usgovcloudapi.net`,
      tenantId: testbed.azure.tenantId,
      cloud: { name: 'AzureUSGovernment' },
      allowedNamespaces: { names: [at.namespace] },
      lend: { identity: { kind: 'SystemAssignedIdentity' }, objectPatterns: ['*'] },
    },
  });
  const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: vault } as const;

  await kube.create(vaultSecrets, { metadata: at, spec: { vaultConnectionRef, data } });

  await untilCondition(kube, at, { status: 'False', reason: 'LentReadRefused' });
  const told = await untilObject(
    kube,
    clusterVaultConnections,
    { name: vault },
    {
      what: 'the administrator to be told',
      holds: (found) => found?.status?.conditions?.find(({ status }) => status === 'False'),
    },
  );
  expect(told.reason).toBe('VaultInOtherTenant');
  await kube.delete(clusterVaultConnections, { name: vault });
});
