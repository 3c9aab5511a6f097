import { z } from 'zod';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { pods as podResource, type Pod } from '../testbed/kubeResources.ts';
import { leader, untilReplicas } from './controllerPods.ts';
import { openNodeShell, type NodeShell } from './nodeShell.ts';
import { releaseNamespace } from './ourNamespaces.ts';
import { deployment, install, metricsPort, uninstall } from './release.ts';
import { until } from './until.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
let pods: Pod[];

beforeAll(async () => {
  await install(world);
  pods = await untilReplicas(world, 2);
});
afterAll(async () => {
  await uninstall(world);
  await world.close();
});

const say = (figure: string): void => console.error(`e2e: ${figure}`);

test('a controller at rest needs less than 100 MB, as kubelet counts against its limit', async () => {
  const sizes = await Promise.all(pods.map(memoryOf));
  for (const { workingSet, resident } of sizes) {
    say(`memory at rest: ${workingSet} MB as kubectl top shows it, ${resident} MB resident`);
    expect(workingSet).toBeGreaterThan(10);
    expect(workingSet).toBeLessThan(100);
  }
});

test('it starts from the compile cache that was made with the image', async () => {
  // With the flags of the container: Node keeps a cache for each set of them.
  const script = `
    const [, ...args] = require('fs').readFileSync('/proc/1/cmdline', 'utf8').split('\\0');
    const bundle = '/app/vaultsecret.mjs';
    const flags = args.slice(0, args.indexOf(bundle));
    console.log(require('child_process').spawnSync(process.execPath, [...flags, bundle, '--version'],
    { env: { ...process.env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } }).stderr.toString())`;
  const said = await world.kubectl(`exec -n ${releaseNamespace} ${deployment} -- node -e`, script);
  expect(said).toMatch(/vaultsecret[.]mjs was accepted/);
});

test('a replica is ready within a second or so of its start', async () => {
  const { pod: leading } = await leader(world);
  const standby = pods.find(({ metadata }) => metadata.uid !== leading.metadata.uid);
  if (standby === undefined) throw new Error('there is no second replica');
  const node = await openNodeShell(world, standby);
  const before = await node.processOf(standby);
  await node.kill(standby);
  const readyAt = await untilReadyAgain(node, standby);
  const after = await node.processOf(await world.kube.get(podResource, standby.metadata));
  const tookMs = Math.round((readyAt - (await startOf(node, after))) * 1_000);
  say(`start to ready: ${tookMs} ms`);
  expect(after).not.toBe(before);
  expect(tookMs).toBeLessThan(slowMachineMs);
});

const summary = z.object({
  pods: z.array(
    z.object({
      podRef: z.object({ uid: z.string() }),
      containers: z.array(
        z.object({
          memory: z.object({ time: z.string(), workingSetBytes: z.number() }).optional(),
        }),
      ),
    }),
  ),
});

interface Memory {
  readonly workingSet: number;
  readonly resident: number;
}

/** After ten seconds a controller gives back what its start has left. */
const restAfterMs = 15_000;

/** In megabytes. kubelet looks every ten seconds or so; what is resident counts the pages of Node, too. */
async function memoryOf(pod: Pod): Promise<Memory> {
  const node = await openNodeShell(world, pod);
  const { nodeName } = pod.spec;
  const startedAt = pod.status.containerStatuses[0]?.state.running?.startedAt ?? '';
  const workingSet = await until('kubelet to measure the pod', 60_000, async () => {
    const answer = await world.kube.send({ path: `/api/v1/nodes/${nodeName}/proxy/stats/summary` });
    const found = summary.parse(answer).pods.find(({ podRef }) => podRef.uid === pod.metadata.uid);
    const { time = '', workingSetBytes } = found?.containers[0]?.memory ?? {};
    const isAtRest = Date.parse(time) - Date.parse(startedAt) >= restAfterMs;
    return isAtRest ? workingSetBytes : undefined;
  });
  const status = await node.run(`cat /proc/${await node.processOf(pod)}/status`);
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  return { workingSet: megabytes(workingSet), resident: megabytes(resident) };
}

/** The promise, one second, holds on an idle machine: docs/install.md. Here others may need the processors. */
const slowMachineMs = 5_000;

/** @returns seconds since the node started */
async function untilReadyAgain(node: NodeShell, { status }: Pod): Promise<number> {
  const url = `http://${status.podIP}:${metricsPort}/readyz`;
  const uptime = await node.run(`
    for attempt in $(seq 6000); do
      if wget -q -O /dev/null ${url}; then cut -d' ' -f1 /proc/uptime; exit; fi
      usleep 5000
    done 2>/dev/null`);
  if (uptime === '') throw new Error('the replica is not ready again');
  return Number(uptime);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: (22) starttime, in ticks of 10 ms. */
async function startOf(node: NodeShell, pid: number): Promise<number> {
  const [, fields = ''] = (await node.run(`cat /proc/${pid}/stat`)).split(') ');
  return Number(fields.split(' ')[19]) / 100;
}
