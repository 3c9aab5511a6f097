import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { managedLabel } from '../../src/api/meta.ts';
import { gitopsHealth } from '../contract/gitopsHealth.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import {
  clusterVaultConnections,
  secrets,
  vaultConnections,
  vaultSecrets,
  type Resource,
} from '../testbed/kubeResources.ts';
import type { VaultSecretInput } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { createLending } from './lentManagedIdentity.ts';
import { askForRefresh, createSynced, data } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
const lending = createLending(world);
const page = resolve(import.meta.dirname, '../../docs/gitops.md');
const keyPrefix = 'resource.customizations.health.vaultsecret.dev_';
const configMap = z.object({ data: z.record(z.string(), z.string()) });
let directory: string;
let checks: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-checks-'));
  const blocks = (await readFile(page, 'utf8')).matchAll(/```yaml\n(.+?)```/gs);
  const [snippet = ''] = [...blocks]
    .map(([, block = '']) => block)
    .filter((block) => block.includes(keyPrefix));
  checks = configMap.parse(parse(snippet)).data;
  for (const [key, check] of Object.entries(checks)) await writeFile(join(directory, key), check);
  // The first run builds the program.
  await gitopsHealth([]);
}, 600_000);
afterAll(async () => {
  await lending.clear();
  await world.close();
  await rm(directory, { recursive: true });
});

/** "Current Healthy": as kstatus and as Argo CD see the object that the API server has. */
async function healthOf(resource: Resource, at: ObjectName): Promise<string> {
  const { apiVersion, kind } = resource;
  const object = { ...(await kube.get(resource, at)), apiVersion, kind };
  const key = `${keyPrefix}${kind}`;
  const check = checks[key] === undefined ? undefined : join(directory, key);
  const [health] = await gitopsHealth([object], check);
  return `${health?.kstatus} ${health?.argoCd}`;
}

const synced = { status: 'True', reason: 'Synced' } as const;
const target = { name: 'shared', creationPolicy: 'Merge' } as const;

async function newVaultSecret(spec: Partial<VaultSecretInput> = {}) {
  const team = await stage.createTeam();
  await stage.createVaultSecret(team, 'app', { data, ...spec });
  return { team, at: { namespace: team.namespace, name: 'app' } };
}

async function newConnection(serviceAccountName = 'app') {
  const { namespace, vaultUrl } = await stage.createTeam();
  const at = { namespace, name: 'prod' };
  const spec = { vaultUrl, serviceAccountName };
  await kube.create(vaultConnections, { metadata: at, spec });
  return at;
}

/** Until the status of the connection that lends speaks of what reading through it came to. */
async function untilTold(name: string, status: 'True' | 'False'): Promise<void> {
  await untilObject(
    kube,
    clusterVaultConnections,
    { name },
    {
      what: `the connection to be Ready ${status}`,
      holds: (found) => found?.status?.conditions?.[0]?.status === status,
    },
  );
}

describe('before a controller has looked', () => {
  test('a VaultSecret is in progress, whatever becomes of it', async () => {
    const { at } = await newVaultSecret();

    expect(await healthOf(vaultSecrets, at)).toBe('InProgress Progressing');
  });

  test('so are connections', async () => {
    const { connection } = await lending.borrow({ kind: 'SystemAssignedIdentity' });

    expect(await healthOf(clusterVaultConnections, { name: connection })).toBe(
      'InProgress Progressing',
    );

    const at = await newConnection();
    expect(await healthOf(vaultConnections, at)).toBe('InProgress Progressing');
  });
});

describe('under a controller', () => {
  let controller: ControllerProcess;
  beforeAll(async () => {
    controller = await world.startController({ env: lending.env });
    await controller.untilReady();
  });

  test('what is synced is current', async () => {
    const { at } = await createSynced(world);

    expect(await healthOf(vaultSecrets, at)).toBe('Current Healthy');
  });

  test('what passes by itself is in progress before the first sync, and after it for a refresh that is asked for', async () => {
    const before = await newVaultSecret();
    const after = await createSynced(world);
    for (const { vault } of [before.team, after.team])
      await azure.setVaultFaults(vault, { throttle: {} });
    const newcomer = { namespace: before.at.namespace, name: 'newcomer' };
    await stage.createVaultSecret(before.team, 'newcomer', { data });
    await untilCondition(kube, newcomer, { status: 'False', reason: 'KeyVaultThrottled' });
    await askForRefresh(kube, after.at);
    const isRefused = (line: string): boolean =>
      line.includes(after.at.namespace) && line.includes('KeyVaultThrottled');
    await controller.untilLogged(isRefused);

    expect(await healthOf(vaultSecrets, newcomer)).toBe('InProgress Progressing');
    expect(await healthOf(vaultSecrets, after.at)).toBe('InProgress Healthy');
  });

  test('what somebody must mend has failed', async () => {
    const { at } = await newVaultSecret();
    await untilCondition(kube, at, { status: 'False', reason: 'KeyVaultSecretNotFound' });

    expect(await healthOf(vaultSecrets, at)).toBe('Failed Degraded');
  });

  test('what is suspended is current when there is a Secret, else not', async () => {
    const { at } = await createSynced(world);
    await kube.mergePatch(vaultSecrets, at, { spec: { suspend: true } });
    const empty = await newVaultSecret({ suspend: true });
    await untilCondition(kube, at, { status: 'True', reason: 'Suspended' });
    await untilCondition(kube, empty.at, { status: 'False', reason: 'Suspended' });

    expect(await healthOf(vaultSecrets, at)).toBe('Current Suspended');
    expect(await healthOf(vaultSecrets, empty.at)).toBe('InProgress Suspended');
  });

  test('a connection is current while its lent identity can read, and has failed when it cannot', async () => {
    const kind = 'SystemAssignedIdentity';
    const [{ clientId }] = await lending.createHostIdentities();
    const good = await lending.borrow({ kind }, { reader: clientId });
    const bad = await lending.borrow({ kind });
    await untilCondition(kube, good.at, synced);
    await untilCondition(kube, bad.at, { status: 'False', reason: 'LentReadRefused' });
    await untilTold(good.connection, 'True');
    await untilTold(bad.connection, 'False');

    expect(await healthOf(clusterVaultConnections, { name: good.connection })).toBe(
      'Current Healthy',
    );
    expect(await healthOf(clusterVaultConnections, { name: bad.connection })).toBe(
      'Failed Degraded',
    );
    expect(await healthOf(vaultSecrets, bad.at)).toBe('Failed Degraded');
  });

  test('a VaultConnection is current while whom it names can read, and has failed when not', async () => {
    const good = await newConnection();
    const bad = await newConnection('nobody');
    for (const at of [good, bad])
      await untilObject(kube, vaultConnections, at, {
        what: 'the connection to be looked at',
        holds: (found) => found?.status?.conditions !== undefined,
      });

    expect(await healthOf(vaultConnections, good)).toBe('Current Healthy');
    expect(await healthOf(vaultConnections, bad)).toBe('Failed Degraded');
    await stage.createServiceAccount({ namespace: bad.namespace, name: 'nobody' });
    await untilObject(kube, vaultConnections, bad, {
      what: 'the connection to be usable',
      holds: (found) => found?.status?.conditions?.[0]?.reason === 'Valid',
    });
    expect(await healthOf(vaultConnections, bad)).toBe('Current Healthy');
  });

  test('what was changed or deleted behind its back is in progress or terminating', async () => {
    const changed = await createSynced(world);
    const { namespace } = changed.at;
    await kube.create(secrets, {
      metadata: { namespace, name: 'shared', labels: { [managedLabel]: 'true' } },
    });
    const deleted = await createSynced(world, {
      team: changed.team,
      name: 'deleted',
      spec: { target },
    });
    await controller.end('SIGTERM');

    await kube.mergePatch(vaultSecrets, changed.at, { spec: { refreshInterval: '2h' } });
    await kube.delete(vaultSecrets, deleted.at);

    expect(await healthOf(vaultSecrets, changed.at)).toBe('InProgress Progressing');
    expect(await healthOf(vaultSecrets, deleted.at)).toBe('Terminating Progressing');
    await kube.mergePatch(vaultSecrets, deleted.at, { metadata: { finalizers: null } });
  });
});
