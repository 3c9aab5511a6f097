import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { untilCondition } from '../testbed/expectations.ts';
import { chartDirectory, helm } from '../testbed/helm.ts';
import { untilObject, untilServed } from '../testbed/kubeConditions.ts';
import { kubectl } from '../testbed/kubectl.ts';
import {
  clusterVaultConnections,
  customResourceDefinitions,
  kubeObjects,
  vaultConnections,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import { startWorld, type World } from '../testbed/world.ts';
import { oneLine, outcomeOfRun } from './program.ts';
import { data } from './syncedVaultSecret.ts';

const kinds = [vaultSecrets, vaultConnections, clusterVaultConnections];
const crdOf = ({ plural }: { readonly plural: string }) => ({ name: `${plural}.vaultsecret.dev` });
const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-charts-'));
/** A cluster to which nobody brought our CRDs yet. */
let world: World;

beforeAll(async () => {
  world = await startWorld();
  await removeCrds();
  for (const name of ['shop', 'stock']) await world.stage.createNamespace(name);
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true });
});

async function removeCrds(): Promise<void> {
  for (const kind of kinds) {
    await world.kube.delete(customResourceDefinitions, crdOf(kind));
    await untilServed(world.kube, kind, false);
  }
}

interface Installation {
  readonly name?: string;
  readonly namespace?: string;
  readonly chart?: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly flags?: readonly string[];
}

/** There is no node, so nothing is waited for. */
function run(verb: 'install' | 'upgrade', installation: Installation = {}): Promise<string> {
  const { name = 'vaultsecret', namespace = 'platform', chart = chartDirectory } = installation;
  const values = { 'image.repository': 'registry.example.com/vaultsecret', ...installation.values };
  const settings = Object.entries(values).map(
    ([path, value]) => `--set-json=${path}=${JSON.stringify(value)}`,
  );
  const { flags = [] } = installation;
  const args = [verb, name, chart, `--namespace=${namespace}`, ...settings, ...flags];
  return helm(verb === 'install' ? [...args, '--create-namespace'] : args, environment());
}

const environment = () => ({ KUBECONFIG: world.testbed.kubeconfig });
const install = (installation?: Installation) => run('install', installation);
const upgrade = (installation?: Installation) => run('upgrade', installation);
const uninstall = ({ name = 'vaultsecret', namespace = 'platform' }: Installation = {}) =>
  helm(['uninstall', name, `--namespace=${namespace}`], environment());

const releaseList = z.array(z.object({ name: z.string(), namespace: z.string() }));

/** Of a condition Ready that is False. */
const readyMessage = z
  .looseObject({
    status: z.looseObject({
      conditions: z
        .tuple([
          z.looseObject({
            type: z.literal('Ready'),
            status: z.literal('False'),
            message: z.string(),
          }),
        ])
        .rest(z.unknown()),
    }),
  })
  .transform(({ status }) => status.conditions[0].message);

const specOfVaultSecrets = [
  'spec',
  'versions',
  0,
  'schema',
  'openAPIV3Schema',
  'properties',
  'spec',
];

function copyOfChart(name: string): string {
  const chart = join(directory, name);
  cpSync(chartDirectory, chart, { recursive: true });
  return chart;
}

/** The chart with another field in the CRD of VaultSecrets, or without one. */
function chartWithChange(change: 'added' | 'removed', field: string): string {
  const chart = copyOfChart(`${change}-${field}`);
  const file = join(chart, 'files/crds/vaultsecret.dev_vaultsecrets.yaml');
  const crd = parseDocument(readFileSync(file, 'utf8'));
  const path = [...specOfVaultSecrets, 'properties', field];
  if (change === 'removed') crd.deleteIn(path);
  else crd.setIn(path, { type: 'string', description: 'Of a later version.' });
  writeFileSync(file, crd.toString());
  return chart;
}

/** Leaves no release, CRD or object of ours. */
async function startAnew(): Promise<void> {
  const releases = await helm(['list', '--all-namespaces', '--output=json'], environment());
  for (const release of releaseList.parse(JSON.parse(releases))) await uninstall(release);
  await removeCrds();
}

const metadataOf = async (name: string) =>
  (await world.kube.get(vaultSecrets, { namespace: 'shop', name })).metadata;

const createVaultSecret = (name: string, spec: object = {}) =>
  world.kube.create(vaultSecrets, {
    metadata: { namespace: 'shop', name },
    spec: { vaultUrl: 'https://shop.vault.azure.net', serviceAccountName: 'shop', data, ...spec },
  });

describe('a first installation', () => {
  test('with ClusterVaultConnections says what to do before, and that works', async () => {
    const prod = {
      vaultUrl: 'https://prod.vault.azure.net',
      allowedNamespaces: { names: ['shop'] },
    };
    const values = { 'clusterVaultConnections.prod': prod };
    await expect(install({ values })).rejects.toThrow(
      /clusterVaultConnections needs .* run this once with --set clusterVaultConnections=null added, then helm upgrade/,
    );

    await expect(install({ values: { ...values, 'crds.install': false } })).rejects.toThrow(
      /which crds.install: false leaves to you: apply the files of the chart's files.crds first/,
    );

    await install({ values, flags: ['--set=clusterVaultConnections=null'] });
    await upgrade({ values });

    const { items } = await world.kube.list(clusterVaultConnections);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['prod']);
    await startAnew();
  });

  test('takes CRDs over that kubectl applied, with all their objects, when it is told to', async () => {
    const applied = await kubectl(world.testbed.kubeconfig, [
      'apply',
      '--server-side',
      `--filename=${join(chartDirectory, '../../crds')}`,
    ]);
    expect(applied.status).toBe(0);
    for (const kind of kinds) await untilServed(world.kube, kind, true);
    const { metadata } = await createVaultSecret('older');

    await expect(install()).rejects.toThrow(/CustomResourceDefinition .* cannot be imported/);
    await install({ flags: ['--take-ownership'] });

    expect((await metadataOf('older')).uid).toBe(metadata.uid);
    await startAnew();
  });
});

describe('a second release', () => {
  const second = { name: 'second', namespace: 'second-system' };
  const only = (...namespaces: readonly string[]) => ({ namespaces, 'crds.install': false });
  beforeAll(async () => void (await install()));
  afterAll(startAnew);

  test.each<[what: string, values: object]>([
    ['serves every namespace, too', {}],
    ['serves every namespace with the CRDs of the first', { 'crds.install': false }],
    ['serves one of them', only('shop')],
  ])('is refused beside one that serves every namespace when it %s', async (_, values) => {
    await expect(install({ ...second, values: { ...values } })).rejects.toThrow(
      'every namespace is served already by release vaultsecret in namespace platform, and two controllers would fight over the same VaultSecrets: uninstall that one, or give each namespaces of its own',
    );
  });

  test('is refused where namespaces are shared, and welcome where they are not', async () => {
    await upgrade({ values: { namespaces: ['shop'] } });

    const shared = install({ ...second, values: only('stock', 'shop') });
    await expect(shared).rejects.toThrow('namespace shop is served already by release vaultsecret');
    const everything = install({ ...second, values: { 'crds.install': false } });
    await expect(everything).rejects.toThrow('namespace shop is served already');
    const withCrds = install({ ...second, values: { namespaces: ['stock'] } });
    await expect(withCrds).rejects.toThrow(
      'the CustomResourceDefinitions belong to release vaultsecret in namespace platform: set crds.install: false',
    );

    await install({ ...second, values: only('stock') });
    await upgrade({ ...second, values: only('stock') });
    await upgrade({ values: { namespaces: ['shop'] } });
  });

  test('is refused by Helm itself where its templates cannot look', async () => {
    await uninstall(second);
    await upgrade();
    const blind = copyOfChart('blind');
    const file = join(blind, 'templates/_rivals.tpl');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('| fail }}', '| trunc 0 }}'));

    const values = { 'crds.install': false };
    await expect(install({ ...second, chart: blind, values })).rejects.toThrow(
      /ClusterRole "vaultsecret-serves-every-namespace" .* cannot be imported .* current value is "vaultsecret"/,
    );
  });
});

describe('CRDs', () => {
  test('older than the controller keep it from starting, with the commands that upgrade them', async () => {
    await install({ chart: chartWithChange('removed', 'suspend') });
    for (const kind of kinds) await untilServed(world.kube, kind, true);
    const { metadata } = await createVaultSecret('kept');

    expect(await outcomeOfRun(world.testbed)).toEqual(
      oneLine(
        1,
        /older than this controller [(].+[)] and would drop VaultSecret[.]spec[.]suspend without a word: upgrade them by the chart .*kubectl apply --server-side/,
      ),
    );

    await upgrade();
    const controller = await world.startController();
    await controller.untilReady();
    const suspended = await createVaultSecret('new', { suspend: true });
    expect(suspended.spec.suspend).toBe(true);
    expect((await metadataOf('kept')).uid).toBe(metadata.uid);
    expect(await controller.end('SIGTERM')).toBe(0);
  });

  test('stay with all objects when the release goes, and belong to the next of its name', async () => {
    const { uid } = await metadataOf('kept');

    expect(await uninstall()).toContain('[CustomResourceDefinition] vaultsecrets.vaultsecret.dev');
    expect((await metadataOf('kept')).uid).toBe(uid);
    await install();
    await upgrade();

    expect((await metadataOf('kept')).uid).toBe(uid);
  });

  test('that are left behind go to a release of another name when it is told to take them', async () => {
    const { uid } = await metadataOf('kept');
    await uninstall();

    await expect(install({ name: 'other' })).rejects.toThrow(/must equal "other"/);
    await install({ name: 'other', flags: ['--take-ownership'] });

    expect((await metadataOf('kept')).uid).toBe(uid);
    await uninstall({ name: 'other' });
  });

  test('newer than the controller serve it, and what it does not know of a spec it does not guess', async () => {
    await install({ name: 'other', chart: chartWithChange('added', 'colour') });
    const team = await world.stage.createTeam();
    await world.azure.putSecret(team.vault, 'password', { value: 'first' });
    const controller = await world.startController();
    await controller.untilReady();

    await world.stage.createVaultSecret(team, 'plain', { data });
    const known = { namespace: team.namespace, name: 'plain' };
    await untilCondition(world.kube, known, { status: 'True', reason: 'Synced' });
    // Straight after an upgrade the API server may still refuse the field that it will store.
    const patched = (): Promise<unknown> =>
      world.kube.send({
        method: 'PATCH',
        path: `/apis/${vaultSecrets.apiVersion}/namespaces/${team.namespace}/vaultsecrets/plain`,
        query: { fieldValidation: 'Strict' },
        contentType: 'application/merge-patch+json',
        body: { spec: { colour: 'red' } },
      });
    await vi.waitFor(patched, { timeout: 10_000 });

    const message = await untilObject(
      world.kube,
      kubeObjects({ ...vaultSecrets, metadata: known }),
      known,
      {
        what: 'the field to be spoken of',
        holds: (found) => readyMessage.safeParse(found).data,
      },
    );
    expect(message).toContain(
      'The spec is not valid: spec.colour is not known to this version of the controller.',
    );
  });
});
