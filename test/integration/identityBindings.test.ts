import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  inject,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest';
import { identityBindingAudience, tokenExchangeAudience } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import type { KubeClient } from '../testbed/kubeClient.ts';
import {
  clusterVaultConnections,
  serviceAccounts,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { untilRefused } from './admission.ts';
import { applyChart, asServiceAccount, type ChartRelease } from './chartRelease.ts';
import { askForRefresh, data } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const { tokenProxy } = testbed.azure;
let bound: ChartRelease;
let user: Awaited<ReturnType<typeof asServiceAccount>>;
let controller: ControllerProcess;
let namespace: string;
let directory: string;
/** Of the identity that the controller may lend. */
let ownClientId: string;

beforeAll(async () => {
  bound = await applyChart(world, { values: { 'azure.identityBindings': true } });
  user = await asServiceAccount(world, { namespace: bound.namespace, name: 'vaultsecret' });
  namespace = await stage.createNamespace();
  await kube.create(serviceAccounts, { metadata: { namespace, name: 'app' } });
  for (const thief of [bound.controllerKube, world.controllerKube])
    await untilRefused(thief, tokenOf([]));
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
  ownClientId = application?.clientId ?? '';
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-bindings-'));
  const authority = { AZURE_KUBERNETES_CA_FILE: tokenProxy.caFile };
  controller = await startController(authority, `--kubeconfig=${user.kubeconfig}`);
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await user.close();
  await bound.remove();
  await world.close();
});

/**
 * As the chart starts it with identity bindings, and with what the webhook of AKS puts into its pods, the audience of
 * the token too: https://github.com/Azure/azure-workload-identity/blob/main/pkg/webhook/webhook.go
 */
async function startController(
  authority: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<ControllerProcess> {
  const tokenFile = join(directory, 'token');
  const at = { namespace: bound.namespace, name: 'vaultsecret' };
  await writeFile(tokenFile, await kube.requestToken(at, { audience: identityBindingAudience }));
  const started = await world.startController({
    args: [...args, '--identity-bindings'],
    env: {
      AZURE_CLIENT_ID: ownClientId,
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
      AZURE_KUBERNETES_TOKEN_PROXY: tokenProxy.url,
      AZURE_KUBERNETES_SNI_NAME: tokenProxy.serverName,
      ...authority,
    },
  });
  await started.untilReady();
  return started;
}

function tokenOf(audiences: readonly string[]) {
  return {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/app/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences } },
  } as const;
}

/** No federated credential: only a binding can let it in. */
async function prepare(): Promise<{ team: Team; at: { namespace: string; name: string } }> {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  await azure.removeFederatedCredentials({ clientId: team.clientId });
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  return { team, at: { namespace: team.namespace, name: 'app' } };
}

const bind = (clientId: string, ...identityBindings: string[]): Promise<void> =>
  azure.changeApplication(clientId, { identityBindings });

const subjectOf = (team: Team): string =>
  `system:serviceaccount:${team.namespace}:${team.serviceAccountName}`;

/** Whoever gives tokens, as the identity saw them: the proxy of the cluster, and Microsoft Entra ID. */
async function askedFor(clientId: string): Promise<string[]> {
  const { counts } = await azure.requestCounts();
  return counts
    .filter((entry) => entry.clientId === clientId && entry.vault === null)
    .map(({ kind, status }) => `${kind} ${status}`);
}

describe('with azure.identityBindings, and the admission policy on,', () => {
  test('a VaultSecret syncs through the proxy of the cluster alone', async () => {
    const { team, at } = await prepare();
    await bind(team.clientId, subjectOf(team));

    await stage.createVaultSecret(team, at.name, { data });

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(await untilSecret(kube, at, { PASSWORD: 'first' })).toBeDefined();
    expect(await askedFor(team.clientId)).toEqual(['proxyToken 200']);
  });

  test('one without a binding is told so, and syncs once it has one', async () => {
    const { team, at } = await prepare();
    await bind(team.clientId, 'system:serviceaccount:other:app');
    await stage.createVaultSecret(team, at.name, { data });
    await untilCondition(kube, at, { status: 'False', reason: 'IdentityBindingMissing' });

    await bind(team.clientId, subjectOf(team));
    await askForRefresh(kube, at);

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(await askedFor(team.clientId)).toEqual(['proxyToken 403', 'proxyToken 200']);
  });

  test('the authority of the proxy may stand in a variable of its own', async () => {
    await controller.end('SIGTERM');
    const authority = { AZURE_KUBERNETES_CA_DATA: await readFile(tokenProxy.caFile, 'utf8') };
    controller = await startController(authority, `--kubeconfig=${user.kubeconfig}`);
    const { team, at } = await prepare();
    await bind(team.clientId, subjectOf(team));

    await stage.createVaultSecret(team, at.name, { data });

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(await askedFor(team.clientId)).toEqual(['proxyToken 200']);
  });

  test('the identity of the controller is lent by its own binding', async () => {
    const { team, at } = await prepare();
    await azure.assignRoles({
      vault: team.vault,
      clientId: ownClientId,
      role: 'Key Vault Secrets User',
    });
    await bind(ownClientId, `system:serviceaccount:${bound.namespace}:vaultsecret`);
    const name = `bound-${team.vault}`;
    await kube.create(clusterVaultConnections, {
      metadata: { name },
      spec: {
        vaultUrl: team.vaultUrl,
        allowedNamespaces: { names: [team.namespace] },
        lend: { identity: { kind: 'ControllerWorkloadIdentity' }, objectPatterns: ['*'] },
      },
    });
    onTestFinished(() => kube.delete(clusterVaultConnections, { name }));

    await kube.create(vaultSecrets, {
      metadata: at,
      spec: { vaultConnectionRef: { kind: 'ClusterVaultConnection', name }, data },
    });

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(await askedFor(ownClientId)).toEqual(['proxyToken 200']);
  });
});

const apiServer = 'https://kubernetes.default.svc';
const others: [audiences: string[]][] = [
  [[]],
  [[apiServer]],
  [[identityBindingAudience, apiServer]],
  [[identityBindingAudience, tokenExchangeAudience]],
  [['API://AKSIdentityBinding']],
];

describe('the policy tokenRequests', () => {
  const refusal = (says: string) => ({ message: expect.stringContaining(`${says} only`) });
  const request = (thief: KubeClient, audiences: readonly string[]) =>
    thief.send(tokenOf(audiences));

  test.each([identityBindingAudience, tokenExchangeAudience])(
    'with identity bindings allows a token for %s',
    async (audience) => {
      await expect(request(bound.controllerKube, [audience])).resolves.toBeDefined();
    },
  );

  test.each(others)('with identity bindings refuses one for %j', async (audiences) => {
    const attempt = request(bound.controllerKube, audiences);

    await expect(attempt).rejects.toMatchObject(
      refusal(`${tokenExchangeAudience} or ${identityBindingAudience}`),
    );
  });

  test.each([[[identityBindingAudience]], ...others])(
    'without them refuses one for %j',
    async (audiences) => {
      const attempt = request(world.controllerKube, audiences);

      await expect(attempt).rejects.toMatchObject(refusal(tokenExchangeAudience));
    },
  );
});

test('with the flag alone, a VaultSecret names the policy that refuses its token', async () => {
  await controller.end('SIGTERM');
  controller = await startController({ AZURE_KUBERNETES_CA_FILE: tokenProxy.caFile });
  const { team, at } = await prepare();
  await bind(team.clientId, subjectOf(team));

  await stage.createVaultSecret(team, at.name, { data });

  const { status } = await untilCondition(kube, at, { status: 'False' });
  expect(status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain(
    'vaultsecret-system-vaultsecret-token-requests',
  );
  expect(await askedFor(team.clientId)).toEqual([]);
});
