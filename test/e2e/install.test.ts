import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { refreshAnnotation } from '../../src/api/meta.ts';
import { untilSecret } from '../testbed/expectations.ts';
import { events, vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { leader, untilReplicas } from './controllerPods.ts';
import { nodeAddress } from './node/addresses.ts';
import {
  createRestrictedNamespace,
  deployment,
  install,
  releaseName,
  releaseNamespace,
  uninstall,
} from './release.ts';
import { forwardPort } from './servicePort.ts';
import { until } from './until.ts';
import { startWorkload, type Workload } from './workload.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
const { kube, kubectl, helm, azure, stage } = world;
let team: Team;
let workload: Workload;

beforeAll(async () => {
  // Plays the DNS of a cluster, for `helm test`.
  const hostAliases = [{ ip: nodeAddress, hostnames: [`${releaseName}-metrics`] }];
  await install(world, { values: { hostAliases } });
  team = await stage.createTeam();
  await createRestrictedNamespace(world, team.namespace);
});
afterAll(async () => {
  await stage.clear();
  await uninstall(world);
  await world.close();
});

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
    using _service = await forwardPort(nodeAddress, replica?.status.podIP ?? '');
    const said = await helm(`test ${releaseName} --namespace ${releaseNamespace} --timeout 60s`);
    expect(said).toMatch(/^Phase: +Succeeded$/m);
  });

  test('helm test fails when nobody answers', async () => {
    const unanswered = helm(`test ${releaseName} --namespace ${releaseNamespace} --timeout 60s`);
    await expect(unanswered).rejects.toThrow(/failed/);
    await kubectl(`delete pod ${releaseName}-test -n ${releaseNamespace}`);
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
    await until('the mounted file to change', 60_000, async () =>
      (await workload.readFile('DB_PASSWORD')) === 'second' ? true : undefined,
    );
    // What a process was started with never changes, nor does a file that is mounted alone: docs/pods.md.
    expect(await workload.environment()).toMatch(/^DB_PASSWORD=first$/m);
    expect(await workload.readSubPath()).toBe('first');
  });
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
