import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { pods as podResource, type Pod } from '../testbed/kubeResources.ts';
import { leader, untilReplicas } from './controllerPods.ts';
import { nodeName } from './node/kubelet.ts';
import { processOf } from './node/processOf.ts';
import { deployment, install, metricsPort, releaseNamespace, uninstall } from './release.ts';
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
  const before = processOf(standby);
  process.kill(before, 'SIGKILL');
  const readyAt = await untilReadyAgain(standby);
  const after = processOf(await world.kube.get(podResource, standby.metadata));
  const tookMs = Math.round((readyAt - startOf(after)) * 1_000);
  say(`start to ready: ${tookMs} ms`);
  expect(after).not.toBe(before);
  expect(tookMs).toBeLessThan(slowMachineMs);
});

const summary = z.object({
  pods: z.array(
    z.object({
      podRef: z.object({ uid: z.string() }),
      containers: z.array(
        z.object({ memory: z.object({ workingSetBytes: z.number() }).optional() }),
      ),
    }),
  ),
});

interface Memory {
  readonly workingSet: number;
  readonly resident: number;
}

/** In megabytes. kubelet looks every ten seconds or so; what is resident counts the pages of Node, too. */
function memoryOf(pod: Pod): Promise<Memory> {
  return until('kubelet to measure the pod', 60_000, async () => {
    const answer = await world.kube.send({ path: `/api/v1/nodes/${nodeName}/proxy/stats/summary` });
    const found = summary.parse(answer).pods.find(({ podRef }) => podRef.uid === pod.metadata.uid)
      ?.containers[0]?.memory;
    if (found === undefined) return undefined;
    const status = readFileSync(`/proc/${processOf(pod)}/status`, 'utf8');
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
    const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
    return { workingSet: megabytes(found.workingSetBytes), resident: megabytes(resident) };
  });
}

/** The promise, one second, holds on an idle machine: README. Here others may need the processors. */
const slowMachineMs = 5_000;

/** @returns seconds since the machine started */
async function untilReadyAgain({ status }: Pod): Promise<number> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const answer = await fetch(`http://${status.podIP}:${metricsPort}/readyz`).catch(
      () => undefined,
    );
    if (answer?.ok === true) return uptime();
    await sleep(5);
  }
  throw new Error('the replica is not ready again');
}

function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: (22) starttime, in ticks of 10 ms. */
function startOf(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  return Number(fields.split(' ')[19]) / 100;
}
