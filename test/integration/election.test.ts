import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { startApiServerProxy, type ApiServerProxy } from '../testbed/apiServerProxy.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilSecret } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { events, secrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { askForRefresh, createSynced, refreshed, writesIn } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, azure } = world;
let directory: string;
let proxy: ApiServerProxy;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-election-'));
  const kubeconfig = join(directory, 'kubeconfig');
  proxy = await startApiServerProxy({ kube, tokenFile: testbed.controllerTokenFile, kubeconfig });
});
afterAll(async () => {
  await world.close();
  await proxy.close();
  await rm(directory, { recursive: true, force: true });
});

/** A replica that is ready, whether it leads or not. */
async function startReplica(...args: readonly string[]): Promise<ControllerProcess> {
  const replica = await world.startController({ leaderElect: true, args });
  onTestFailed(() => console.error(replica.lines.slice(-20).join('\n')));
  await replica.untilReady();
  return replica;
}

const saying = (message: string) => (line: string) => line.includes(`"msg":"${message}"`);
const untilLeading = (replica: ControllerProcess, timeoutMs?: number): Promise<string> =>
  replica.untilLogged(saying('leading'), timeoutMs);
const timeOf = (line: string): string => /"time":"([^"]+)"/.exec(line)?.[1] ?? '';

/** The lease time, and what its end takes on a busy machine. */
const untilLeaseEndsMs = 25_000;
/** What reconciles get to end at a stop. */
const graceMs = 15_000;

/** A leader whose requests pass the proxy, and another that stands by. */
async function startPair(): Promise<[leader: ControllerProcess, standby: ControllerProcess]> {
  proxy.around = async (_write, forward) => {
    await forward();
    return 'answered';
  };
  const leader = await startReplica(`--kubeconfig=${proxy.kubeconfig}`);
  await untilLeading(leader);
  return [leader, await startReplica()];
}

/** Every value that the Secret takes on from now on. */
async function recordValues(at: ObjectName): Promise<{ stop(): Promise<string[]> }> {
  const { items, resourceVersion } = await kube.list(secrets, at);
  const values = items.map((secret) => textsOf(secret)['PASSWORD'] ?? '');
  const end = new AbortController();
  const { signal } = end;
  const watching = (async () => {
    for await (const { object } of kube.watch(secrets, at, { resourceVersion, signal })) {
      values.push(textsOf(object)['PASSWORD'] ?? '');
    }
  })().catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown;
  });
  return {
    async stop() {
      end.abort();
      await watching;
      return values.filter((value, index) => value !== values[index - 1]);
    },
  };
}

describe('of two replicas', () => {
  test('one leads, and when it stops the other goes on at once', async () => {
    const [leader, standby] = await startPair();
    const { team, at } = await createSynced(world);
    expect(await leader.metrics()).toContain('leader_election_master_status{name="vaultsecret"} 1');
    expect(await standby.metrics()).toContain(
      'leader_election_master_status{name="vaultsecret"} 0',
    );
    expect(standby.lines.filter(saying('secret written'))).toEqual([]);
    await azure.putSecret(team.vault, 'password', { value: 'second' });

    expect(await leader.end('SIGTERM')).toBe(0);
    await untilLeading(standby, 3_000);
    await refreshed(world, at);

    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second' });
    expect(await writesIn(world, team.namespace)).toEqual([
      'patch secrets/app 201',
      'patch vaultsecrets/app/status 200',
      'patch secrets/app 200',
      'patch vaultsecrets/app/status 200',
    ]);
    expect(await standby.end('SIGTERM')).toBe(0);
  });

  test('one stops while a write hangs: the Lease goes on in time, and no event is lost', async () => {
    const [leader, standby] = await startPair();
    const { team, at } = await createSynced(world);
    // More events than are written at once, so that some wait for the others.
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const others = await Promise.all(names.map((name) => createSynced(world, { team, name })));
    const hangs = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    proxy.around = async ({ path }, forward) => {
      if (path.endsWith(`/namespaces/${team.namespace}/secrets/app`)) {
        hangs.resolve();
        await end.promise;
        return 'lost';
      }
      if (path.includes('/events')) await released.promise;
      await forward();
      return 'answered';
    };
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    for (const { at: other } of [...others, { at }]) await askForRefresh(kube, other);
    for (const { at: other } of others) await untilSecret(kube, other, { PASSWORD: 'second' });
    await hangs.promise;

    const stoppedAt = Date.now();
    const ending = leader.end('SIGTERM');
    await untilLeading(standby, graceMs + 4_000);
    expect(Date.now() - stoppedAt).toBeGreaterThan(graceMs - 1_000);
    await leader.untilLogged(saying('lease released'));
    released.resolve();

    expect(await ending).toBe(0);
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second' });
    const { items } = await kube.list(events, { namespace: team.namespace });
    expect(items.map(({ regarding }) => regarding?.name)).toEqual(expect.arrayContaining(names));
    expect(await standby.end('SIGTERM')).toBe(0);
    end.resolve();
  }, 90_000);

  test('one is killed in a write that arrives when the other leads: the Secret goes not back', async () => {
    const [leader, standby] = await startPair();
    const { team, at } = await createSynced(world);
    const values = await recordValues(at);
    const held = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    proxy.around = async ({ path }, forward) => {
      if (path.endsWith(`/namespaces/${team.namespace}/secrets/app`)) {
        held.resolve();
        await gate.promise;
        await forward();
        arrived.resolve();
        return 'lost';
      }
      await forward();
      return 'answered';
    };
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await askForRefresh(kube, at);
    await held.promise;
    await leader.end('SIGKILL');
    await azure.putSecret(team.vault, 'password', { value: 'third' });

    await untilSecret(kube, at, { PASSWORD: 'third' }, untilLeaseEndsMs);
    gate.resolve();
    await arrived.promise;
    await refreshed(world, at);

    expect(await values.stop()).toEqual(['first', 'third']);
    const writes = await writesIn(world, team.namespace);
    expect(writes.filter((write) => write.includes(' secrets/'))).toEqual([
      'patch secrets/app 201',
      'patch secrets/app 200',
      'patch secrets/app 409',
    ]);
    expect(await standby.end('SIGTERM')).toBe(0);
  }, 90_000);

  test('one cannot renew the Lease: it ends before the other begins', async () => {
    const [leader, standby] = await startPair();
    const { team, at } = await createSynced(world);
    proxy.around = async ({ path }, forward) => {
      if (path.includes('/leases/')) return 'lost';
      await forward();
      return 'answered';
    };

    const begun = await untilLeading(standby, untilLeaseEndsMs);

    expect(await leader.ended).toBe(1);
    const given = leader.lines.find(saying('no longer leading'));
    expect([timeOf(given ?? ''), timeOf(begun)].toSorted()).toEqual([
      expect.stringMatching(/^2/),
      timeOf(begun),
    ]);
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await refreshed(world, at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second' });
    expect(await standby.end('SIGTERM')).toBe(0);
  }, 90_000);
});
