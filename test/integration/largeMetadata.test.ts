import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clientIdAnnotation } from '../../src/api/meta.ts';
import { serviceAccounts } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
let namespace: string;

/** Little less than the annotations of an object may have together: 262,144 bytes. */
const annotation = 'x'.repeat(250_000);
const count = 400;
/** In the first list they would be one page of 100 MB. */
const mostMegabytes = 300;

beforeAll(async () => {
  namespace = await stage.createNamespace();
  // One by one: what is tested is not the API server.
  for (let index = 0; index < count; index += 1) {
    const annotations = { [clientIdAnnotation]: annotation };
    const metadata = { namespace, name: `large-${index}`, annotations };
    await kube.create(serviceAccounts, { metadata });
  }
}, 120_000);

afterAll(async () => {
  await kube.deleteAll(serviceAccounts, namespace);
  await world.close();
});

/** VmHWM, the most that was resident: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function peakMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}

test('ServiceAccounts with the largest annotations take no more than a small part of the chart’s limit', async () => {
  const controller = await world.startController();
  await controller.untilReady(60_000);

  expect(peakMegabytes(controller.pid)).toBeLessThan(mostMegabytes);
});
