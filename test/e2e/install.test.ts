import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { refreshAnnotation } from '../../src/api/meta.ts';
import { untilSecret } from '../testbed/expectations.ts';
import { events, vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { leader, untilReplicas } from './controllerPods.ts';
import { releaseNamespace } from './ourNamespaces.ts';
import {
  createRestrictedNamespace,
  deployment,
  install,
  releaseName,
  uninstall,
} from './release.ts';
import { playService } from './playedService.ts';
import { until } from './until.ts';
import { startWorkload, type Workload } from './workload.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
const { kube, kubectl, helm, azure, stage } = world;
const { serviceAddress } = world.cluster;
let team: Team;
let workload: Workload;

beforeAll(async () => {
  // Plays DNS where the cluster has none, for `helm test`.
  const hostAliases =
    serviceAddress === undefined
      ? []
      : [{ ip: serviceAddress, hostnames: [`${releaseName}-metrics`] }];
  await install(world, { values: { hostAliases } });
  team = await stage.createTeam();
  await createRestrictedNamespace(world, team.namespace);
});
afterAll(async () => {
  await stage.clear();
  await uninstall(world);
  await world.close();
});

/**
 * Of a node of somebody else: its period of sync and the age of its cache, a minute each, and patience.
 * https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
 */
const kubeletDelayMs = 200_000;

const inTeam = (line: string): Promise<string> => kubectl(`${line} -n ${team.namespace}`);

describe('installed by Helm in a namespace of the restricted profile', () => {
  test('both replicas run and are ready', async () => {
    expect(await untilReplicas(world, 2)).toHaveLength(2);
    const { items } = await kube.list(events, { namespace: releaseNamespace });
    expect(items.filter(({ reason }) => reason === 'FailedCreate')).toEqual([]);
  });

  test('a pod that asks for more than the profile allows is refused there', async () => {
    const pod = `run intruder --image=none --privileged -n ${releaseNamespace}`;
    await expect(kubectl(pod)).rejects.toThrow(/violates PodSecurity "restricted:latest"/);
  });

  test('helm test asks from a pod whether the replicas are ready', async () => {
    const [replica] = await untilReplicas(world, 2);
    using _service =
      serviceAddress === undefined
        ? undefined
        : await playService(serviceAddress, replica?.status.podIP ?? '');
    const said = await helm(`test ${releaseName} --namespace ${releaseNamespace} --timeout 60s`);
    expect(said).toMatch(/^Phase: +Succeeded$/m);
  });

  test('helm test fails when nobody answers', async () => {
    const scale = (replicas: number): Promise<string> =>
      kubectl(`scale ${deployment} -n ${releaseNamespace} --replicas ${replicas}`);
    await scale(0);
    await untilReplicas(world, 0);
    const unanswered = helm(`test ${releaseName} --namespace ${releaseNamespace} --timeout 60s`);
    await expect(unanswered).rejects.toThrow(/failed/);
    await kubectl(`delete pod ${releaseName}-test -n ${releaseNamespace}`);
    await scale(2);
    await untilReplicas(world, 2);
  });

  test('the image has no shell, and its file system is read-only', async () => {
    const exec = `exec -n ${releaseNamespace} ${deployment} --`;
    await expect(kubectl(`${exec} /bin/sh -c true`)).rejects.toThrow(/no such file/);
    const write = "require('fs').writeFileSync('/app/x', '')";
    await expect(kubectl(`${exec} node -e`, write)).rejects.toThrow(/EROFS/);
  });
});

describe('an application', () => {
  test('gets the objects of its vault as files and as environment', async () => {
    await azure.putSecret(team.vault, 'db-password', { value: 'first' });
    await stage.createVaultSecret(team, 'shop', {
      data: [{ dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } }],
    });
    await inTeam('wait --for=condition=Ready vaultsecret/shop --timeout=30s');
    workload = await startWorkload(world, team, 'shop');

    expect(await workload.readFile('DB_PASSWORD')).toBe('first');
    expect(await workload.readSubPath()).toBe('first');
    expect(await workload.environment()).toMatch(/^DB_PASSWORD=first$/m);
  });

  test('sees a rotation in the mounted file, without a restart', async () => {
    await azure.putSecret(team.vault, 'db-password', { value: 'second' });
    await inTeam(`annotate vaultsecret/shop ${refreshAnnotation}=now`);
    await untilSecret(kube, { namespace: team.namespace, name: 'shop' }, { DB_PASSWORD: 'second' });
    await until('the mounted file to change', kubeletDelayMs, async () =>
      (await workload.readFile('DB_PASSWORD')) === 'second' ? true : undefined,
    );
    // What a process was started with never changes, nor does a file that is mounted alone: docs/pods.md.
    expect(await workload.environment()).toMatch(/^DB_PASSWORD=first$/m);
    expect(await workload.readSubPath()).toBe('first');
  }, 300_000);
});

describe('kubectl', () => {
  test('get shows at a glance how it stands, by the short name too', async () => {
    expect(await inTeam('get vs')).toMatch(
      /^NAME +READY +REASON +SECRET +AGE\nshop +True +Synced +shop /,
    );
  });

  test('describe shows conditions, the versions in use and no value', async () => {
    const described = await inTeam('describe vaultsecret shop');
    const { status } = await kube.get(vaultSecrets, { namespace: team.namespace, name: 'shop' });
    expect(described).toContain('Reason:                Synced');
    expect(described).toContain(status?.sources?.[0]?.version ?? 'a version');
    expect(described).not.toMatch(/first|second/);
  });

  test('explain shows what every field means', async () => {
    expect(await kubectl('explain vaultsecret.spec.refreshInterval')).toContain(
      'How often Key Vault is asked for changes',
    );
  });

  test('events tell what went wrong, and wait sees it mended', async () => {
    await azure.removeRoles({
      vault: team.vault,
      clientId: team.clientId,
      role: 'Key Vault Secrets User',
    });
    await inTeam(`annotate vaultsecret/shop ${refreshAnnotation}=refused --overwrite`);
    await inTeam('wait --for=condition=Ready=false vaultsecret/shop --timeout=30s');
    const told = await until('an event', 10_000, async () => {
      const lines = await inTeam('events --for vaultsecret/shop --types=Warning');
      return lines.includes('Warning') ? lines : undefined;
    });
    expect(told).toContain('az role assignment create');

    await azure.assignRoles({
      vault: team.vault,
      clientId: team.clientId,
      role: 'Key Vault Secrets User',
    });
    await inTeam(`annotate vaultsecret/shop ${refreshAnnotation}=again --overwrite`);
    await inTeam('wait --for=condition=Ready vaultsecret/shop --timeout=30s');
  });

  test('logs of the controller name the VaultSecret, and no value', async () => {
    const { pod } = await leader(world);
    const logs = await kubectl(`logs -n ${releaseNamespace} ${pod.metadata.name}`);
    expect(logs).toContain(team.namespace);
    expect(logs).not.toMatch(/"first"|"second"/);
  });
});
