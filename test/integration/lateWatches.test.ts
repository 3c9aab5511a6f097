import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import { credentialLabel } from '../../src/api/meta.ts';
import { startApiServerProxy, type ApiServerProxy } from '../testbed/apiServerProxy.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition } from '../testbed/expectations.ts';
import {
  clusterVaultConnections,
  namespaces,
  secrets,
  vaultConnections,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { askForRefresh, data } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const late = Promise.withResolvers<void>();
const asked: string[] = [];
const made: string[] = [];
let directory: string;
let proxy: ApiServerProxy;
let controller: ControllerProcess;

const isHeld = (url: string): boolean =>
  url.includes('watch=true') &&
  (/[/](vaultconnections|clustervaultconnections|namespaces|serviceaccounts)[?]/.test(url) ||
    /[/]secrets[?].*credential/.test(url));

async function start(): Promise<void> {
  controller = await world.startController({ args: [`--kubeconfig=${proxy.kubeconfig}`] });
  await controller.untilReady();
}

/** A controller whose watches of all that decides who reads tell nothing for as long as the tests run. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-late-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const tokenFile = testbed.controllerTokenFile;
  proxy = await startApiServerProxy({ kube, tokenFile, kubeconfig });
  proxy.beforeRead = async (url) => (isHeld(url) ? late.promise : undefined);
  proxy.heard = ({ method, url }) => void asked.push(`${method} ${url}`);
  await start();
});

afterAll(async () => {
  late.resolve();
  await Promise.all(made.map((name) => kube.delete(clusterVaultConnections, { name })));
  await world.close();
  await proxy.close();
  await rm(directory, { recursive: true });
});

type Kind = 'VaultConnection' | 'ClusterVaultConnection';

async function createReferring(
  { namespace }: Team,
  kind: Kind,
  spec: object,
  name = 'app',
): Promise<void> {
  const vaultConnectionRef = { kind, name: namespace };
  await kube.create(vaultSecrets, {
    metadata: { namespace, name },
    spec: { data, vaultConnectionRef, ...spec },
  });
}

async function createClusterConnection(team: Team, allowedNamespaces: object): Promise<void> {
  made.push(team.namespace);
  await kube.create(clusterVaultConnections, {
    metadata: { name: team.namespace },
    spec: { vaultUrl: team.vaultUrl, allowedNamespaces },
  });
}

const makers: Readonly<Record<string, (team: Team) => Promise<unknown>>> = {
  'a VaultConnection': async ({ namespace, vaultUrl }) =>
    kube.create(vaultConnections, {
      metadata: { namespace, name: namespace },
      spec: { vaultUrl },
    }),
  'a VaultConnection and a credential': async ({ namespace, vault, vaultUrl }) => {
    const clientSecrets = [{ value: 'right', expiresAtMs: Date.now() + 86_400_000 }];
    const [application] = await azure.createApplications({ clientSecrets });
    const clientId = application?.clientId ?? '';
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
    await kube.create(secrets, {
      metadata: { namespace, name: 'entra', labels: { [credentialLabel]: 'true' } },
      stringData: { key: 'right' },
    });
    const secretRef = { name: 'entra', key: 'key' };
    const servicePrincipal = { tenantId: testbed.azure.tenantId, clientId, secretRef };
    await kube.create(vaultConnections, {
      metadata: { namespace, name: namespace },
      spec: { vaultUrl, servicePrincipal },
    });
  },
  'a ClusterVaultConnection that names its namespace': async (team) =>
    createClusterConnection(team, { names: [team.namespace] }),
  'a ClusterVaultConnection that wants a label of its namespace': async (team) => {
    const labels = { 'example.com/vault': team.namespace };
    await createClusterConnection(team, { selector: { matchLabels: labels } });
    await kube.mergePatch(namespaces, { name: team.namespace }, { metadata: { labels } });
  },
};

test.each(Object.keys(makers))(
  'a VaultSecret that comes with %s is synced before the watch tells of that',
  async (what) => {
    onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
    const team = await stage.createTeam();
    await azure.putSecret(team.vault, 'password', { value: 'first' });

    await makers[what]?.(team);
    const [, kind] = what.split(' ');
    const spec = what.endsWith('credential') ? {} : { serviceAccountName: 'app' };
    await createReferring(team, kind === 'VaultConnection' ? kind : 'ClusterVaultConnection', spec);

    const at = { namespace: team.namespace, name: 'app' };
    const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    // Nothing else was ever said: the first status that was written is this one.
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Stalled');
    const own = controller.lines.filter((line) => line.includes(`${team.namespace}/`));
    expect(own.filter((line) => line.includes('reconcile failed'))).toEqual([]);
  },
);

const failuresOf = (vaultSecret: string): readonly string[] =>
  controller.lines.filter(
    (line) => line.includes(`"${vaultSecret}"`) && line.includes('reconcile failed'),
  );

test.each<Kind>(['VaultConnection', 'ClusterVaultConnection'])(
  'a %s that really is missing is asked for once by each VaultSecret, and not after a restart',
  async (kind) => {
    const team = await stage.createTeam();
    const { namespace } = team;
    const names = ['a', 'b', 'c'];
    const lookUps = () => asked.filter((line) => line.endsWith(`connections/${namespace}`));

    for (const name of names) await createReferring(team, kind, {}, name);
    for (const name of names) await untilCondition(kube, { namespace, name }, { status: 'False' });
    expect(lookUps()).toHaveLength(names.length);

    for (const name of names) await askForRefresh(kube, { namespace, name });
    for (const name of names)
      await controller.untilLogged(() => failuresOf(`${namespace}/${name}`).length > 1);
    await controller.end('SIGTERM');
    await start();
    for (const name of names)
      await controller.untilLogged(() => failuresOf(`${namespace}/${name}`).length > 0);
    expect(lookUps()).toHaveLength(names.length);
  },
);
