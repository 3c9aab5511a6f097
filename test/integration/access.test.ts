import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  clusterVaultConnections,
  roleBindings,
  roles,
  serviceAccounts,
  vaultConnections,
} from '../testbed/kubeResources.ts';
import { writeKubeconfig } from '../testbed/kubeconfigFile.ts';
import { openWorld } from '../testbed/world.ts';
import type { Team } from '../testbed/stage.ts';
import { outcomeOf, type Outcome } from './program.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
const data = [{ dataKey: 'PASSWORD', secret: { name: 'db-password' } }];
let directory: string;
let team: Team;
let lending: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-access-'));
  team = await stage.createTeam();
  const { namespace, vaultUrl } = team;
  lending = `lending-${namespace}`;
  await stage.createVaultSecret(team, 'app', { data });

  await stage.createVaultSecret({ ...team, serviceAccountName: 'nobody' }, 'lost', { data });
  await kube.create(vaultConnections, {
    metadata: { namespace, name: 'prod' },
    spec: { vaultUrl, serviceAccountName: team.serviceAccountName },
  });
  await kube.create(clusterVaultConnections, {
    metadata: { name: lending },
    spec: {
      vaultUrl: 'https://platform.vault.azure.net',
      allowedNamespaces: {
        selector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
      lend: {
        identity: { kind: 'ControllerWorkloadIdentity' },
        objectPatterns: ['{namespace}--*'],
      },
    },
  });
});

afterAll(async () => {
  await kube.delete(clusterVaultConnections, { name: lending });
  await world.close();
  await rm(directory, { recursive: true });
});

const access = (kubeconfig: string, ...args: readonly string[]): Promise<Outcome> =>
  outcomeOf(testbed, ['access', `--kubeconfig=${kubeconfig}`, '-n', team.namespace, ...args]);

/** Somebody who may list only these in the namespace. */
async function reviewer(name: string, ...resources: readonly string[]): Promise<string> {
  const { namespace } = team;
  const metadata = { namespace, name };
  await kube.create(serviceAccounts, { metadata });
  await kube.create(roles, {
    metadata,
    rules: [{ apiGroups: ['', 'vaultsecret.dev'], resources, verbs: ['list'] }],
  });
  await kube.create(roleBindings, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  });
  const kubeconfig = join(directory, name);
  await writeKubeconfig(kubeconfig, kube.cluster, { token: await kube.requestToken(metadata) });
  return kubeconfig;
}

test('an administrator sees every way to a value, and what is read through it', async () => {
  const { status, output, errors } = await access(testbed.kubeconfig);

  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  const { namespace, clientId, vault } = team;
  const lines = output.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
  expect(lines).toEqual([
    'NAMESPACE | THROUGH | IDENTITY | TENANT | VAULT | OBJECTS',
    `${namespace} | ServiceAccount/app | ${clientId} | any | *`,
    `VaultSecret/app > Secret/app | ${vault}.vault.azure.net | db-password`,
    `${namespace} | ClusterVaultConnection/${lending} (by label) | ControllerWorkloadIdentity | platform.vault.azure.net | ${namespace}--*`,
    `${namespace} | VaultConnection/prod | ${clientId} | ${vault}.vault.azure.net | *`,
    `${namespace} | VaultSecret/lost | nobody: VS111 ServiceAccountNotFound`,
    '',
  ]);
});

test('the files of KUBECONFIG are one, and the first of them decides where', async () => {
  const elsewhere = join(directory, 'elsewhere');
  await writeKubeconfig(elsewhere, { server: 'https://127.0.0.1:1' }, { token: 'none' });
  const files = (...names: string[]) => ({
    KUBECONFIG: [join(directory, 'gone'), ...names].join(delimiter),
  });
  const args = ['access', '-n', team.namespace];

  const here = await outcomeOf(testbed, args, files(testbed.kubeconfig, elsewhere));
  const there = await outcomeOf(testbed, args, files(elsewhere, testbed.kubeconfig));

  expect(here).toEqual(await access(testbed.kubeconfig));
  expect(there).toMatchObject({ status: 1, errors: expect.stringContaining('ECONNREFUSED') });
});

test('the same in JSON is for scripts, over all namespaces as well', async () => {
  const args = ['access', `--kubeconfig=${testbed.kubeconfig}`, '-o', 'json'];
  const { status, output } = await outcomeOf(testbed, args);
  const { complete, access: ways } = JSON.parse(output);

  expect({ status, complete }).toEqual({ status: 0, complete: true });
  expect(ways).toContainEqual({
    namespace: team.namespace,
    through: { kind: 'ServiceAccount', name: 'app' },
    identity: team.clientId,
    objects: ['*'],
    except: [],
    grantedByLabel: false,
    reads: [
      {
        vaultSecret: 'app',
        vaultUrl: team.vaultUrl,
        objects: ['db-password'],
        secret: 'app',
      },
    ],
  });
});

test('who may not see all is told what is missing, and claims nothing that depends on it', async () => {
  const kubeconfig = await reviewer('half', 'vaultsecrets', 'vaultconnections');
  const { status, output, errors } = await access(kubeconfig);

  expect(status).toBe(1);
  const { namespace } = team;
  expect(errors).toBe(`INCOMPLETE: this is not all of it.
  You may not list the clustervaultconnections of the whole cluster. Ask for that right; then this says yes: kubectl auth can-i list clustervaultconnections --all-namespaces
  You may not list the serviceaccounts in namespace ${namespace}. Ask for that right; then this says yes: kubectl auth can-i list serviceaccounts --namespace ${namespace}
`);
  const rows = output.split('\n').filter((line) => line.includes('VaultSecret/'));
  expect(rows.every((line) => line.endsWith('unknown'))).toBe(true);
  expect(rows).toHaveLength(2);
});

test('in JSON, too, a partial answer does not look complete', async () => {
  const kubeconfig = await reviewer('most', 'vaultsecrets', 'vaultconnections', 'serviceaccounts');
  const { status, output } = await access(kubeconfig, '--output=json');

  expect(status).toBe(1);
  expect(JSON.parse(output)).toMatchObject({
    complete: false,
    missing: [{ resource: 'clustervaultconnections', cause: 'Forbidden' }],
  });
});
