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
import { managedLabel, ownerAnnotation } from '../../../src/api/meta.ts';
import { findCanaries } from '../../support/canaries.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../../testbed/expectations.ts';
import { untilObject } from '../../testbed/kubeConditions.ts';
import {
  namespaces,
  secrets,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import type { Team } from '../../testbed/stage.ts';
import { openWorld } from '../../testbed/world.ts';
import { askForRefresh, refreshed } from '../syncedVaultSecret.ts';
import { createHeapCamera, type HeapCamera } from './heapSnapshot.ts';
import { startHostileHost, type HostileHost } from './hostileHost.ts';
import { createHostileVaults, honest, resolveEntra } from './hostileVault.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const canaries = new Map<string, string>();
let camera: HeapCamera;
let hostile: HostileHost;
let controller: ControllerProcess;
let team: Team;

function canary(name: string): string {
  const value = `${randomUUID()}-${randomUUID()}`;
  canaries.set(name, value);
  return value;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const synced = { status: 'True', reason: 'Synced' } as const;
const failedAs = (reason: string) => ({ status: 'False', reason }) as const;

/** What `kubectl apply` leaves in the metadata: the Secret's data once more, and here more than 1,024 characters. */
function annotationOf(name: string): Record<string, string> {
  const data = { A: 'x'.repeat(2_000), PASSWORD: encoded(canary(name)) };
  return { [lastApplied]: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', data }) };
}

beforeAll(async () => {
  [camera, hostile] = await Promise.all([createHeapCamera(), startHostileHost()]);
  team = await stage.createTeam();
  await createForeignSecrets('before the start');
  controller = await world.startController({
    args: [...hostile.args, resolveEntra(testbed)],
    env: camera.env,
  });
  await controller.untilReady();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  await world.close();
  await Promise.all([camera.close(), hostile.close()]);
});

/** Seen in the first list, or by the watch: Secrets of others, one of which carries our marks. */
async function createForeignSecrets(when: string): Promise<void> {
  const { namespace } = team;
  const suffix = when.replaceAll(' ', '-');
  const ours = {
    labels: { [managedLabel]: 'true' },
    annotations: {
      [ownerAnnotation]: `${namespace}/nobody`,
      ...annotationOf(`with our label, ${when}`),
    },
  };
  const plain = { annotations: annotationOf(`without our label, ${when}`) };
  for (const [name, metadata] of [
    [`ours-${suffix}`, ours] as const,
    [`plain-${suffix}`, plain] as const,
  ]) {
    const data = { PASSWORD: encoded(canary(`data of ${name}`)) };
    await kube.create(secrets, { metadata: { namespace, name, ...metadata }, data });
  }
}

async function put(name: string, value: string, decode?: 'hex') {
  await azure.putSecret(team.vault, name, { value });
  const entry = { dataKey: 'PASSWORD', secret: { name } };
  const data = [decode === undefined ? entry : { ...entry, decode }];
  await stage.createVaultSecret(team, name, { data });
  return { namespace: team.namespace, name };
}

describe('values come', () => {
  test('in Secrets that are written, rotated, edited and annotated', async () => {
    const at = await put('plain', canary('the first value'));
    await untilCondition(kube, at, synced);
    const second = canary('the second value');
    await azure.putSecret(team.vault, 'plain', { value: second });
    await refreshed(world, at);
    const metadata = { annotations: annotationOf('on our own Secret') };
    const data = { PASSWORD: encoded(canary('a foreign edit')) };

    await kube.mergePatch(secrets, at, { metadata, data });

    expect(await untilSecret(kube, at, { PASSWORD: second })).toBeDefined();
  });

  test('where they cannot be used', async () => {
    const notHex = await put('no-hex', canary('a value that is not hex'), 'hex');
    const fixed = await put('fixed', canary('the value of an immutable Secret'));
    await untilCondition(kube, fixed, synced);
    await kube.mergePatch(secrets, fixed, { immutable: true });
    await azure.putSecret(team.vault, 'fixed', { value: canary('a value that came too late') });
    await askForRefresh(kube, fixed);
    const broken = `{"value":"${canary('a value in a broken answer')}",`;
    const vaults = await createHostileVaults(world, hostile, team);
    const cut = await vaults.open(honest, () => ({ status: 200, body: broken }));

    await untilCondition(kube, notHex, failedAs('ValueNotDecodable'));
    await untilCondition(kube, fixed, failedAs('SecretImmutable'));
    expect(await untilCondition(kube, cut.at, failedAs('KeyVaultRefused'))).toBeDefined();
  });
});

/** The last thing that each watch tells, for who knows how long. */
async function annotateAll(): Promise<void> {
  const { namespace, serviceAccountName, vaultUrl } = team;
  const annotated = (name: string) => ({ metadata: { annotations: annotationOf(name) } });
  const serviceAccount = { namespace, name: serviceAccountName };
  await kube.mergePatch(serviceAccounts, serviceAccount, annotated('a ServiceAccount'));
  await kube.mergePatch(namespaces, { name: namespace }, annotated('a namespace'));
  await kube.create(vaultConnections, {
    metadata: { namespace, name: 'team', annotations: annotationOf('a VaultConnection') },
    spec: { vaultUrl },
  });
  await kube.mergePatch(vaultSecrets, { namespace, name: 'plain' }, annotated('a VaultSecret'));
  await createForeignSecrets('at the end');
}

describe('when all that is over', () => {
  test('the controller holds none of them in memory any more', async () => {
    const { namespace } = team;
    const { items } = await kube.list(vaultSecrets, { namespace });
    for (const { metadata } of items) {
      const at = { namespace, name: metadata.name };
      await kube.mergePatch(vaultSecrets, at, { spec: { suspend: true } });
      await untilObject(kube, vaultSecrets, at, {
        what: 'it to be suspended',
        holds: (found) => found?.status?.conditions?.[0]?.reason === 'Suspended',
      });
    }
    await annotateAll();

    const heap = await camera.take(controller);

    expect(findCanaries(heap, new Map([['namespace', namespace]]))).not.toEqual([]);
    expect(findCanaries(heap, canaries)).toEqual([]);
    expect(canaries.size).toBeGreaterThan(15);
  });

  test('one that it keeps would be found, at the end of a long string too', async () => {
    const at = { namespace: team.namespace, name: 'plain' };
    const kept = new Map([['kept', randomUUID()]]);
    const value = `${'x'.repeat(900)}${kept.get('kept') ?? ''}`;
    // A spec is kept as it is.
    const target = { annotations: { 'example.com/kept': value } };
    await kube.mergePatch(vaultSecrets, at, { spec: { suspend: null, target } });
    await untilCondition(kube, at, synced);

    expect(findCanaries(await camera.take(controller), kept)).not.toEqual([]);
  });
});
