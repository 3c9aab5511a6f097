import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { events, secrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { createSynced, refreshed, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

const value = (text: string): string => Buffer.from(text).toString('base64');

/** Somebody's controller with another opinion: applies it as soon as it finds the Secret different. */
async function insist(at: ObjectName, signal: AbortSignal): Promise<number> {
  let count = 0;
  while (!signal.aborted) {
    await untilObject(kube, secrets, at, {
      what: 'the Secret to be put right',
      holds: (secret) => signal.aborted || (secret && textsOf(secret)['PASSWORD'] === 'first'),
      timeoutMs: 60_000,
    });
    if (signal.aborted) break;
    await kube.apply(secrets, { metadata: at, data: { PASSWORD: value('theirs') } }, 'rival');
    count += 1;
  }
  return count;
}

test('an edit war with another controller is damped, told, and ended by who asks for a refresh', async () => {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const { at } = await createSynced(world);
  const stop = new AbortController();
  const war = insist(at, stop.signal);
  const shown = await untilCondition(kube, at, { status: 'False', reason: 'SecretContested' });
  expect(shown.status?.conditions?.[0]?.message).toContain('last by field manager rival.');
  await untilObjects(
    kube,
    events,
    { namespace: at.namespace },
    {
      what: 'the event SecretContested',
      holds: (all) => [...all.values()].find(({ reason }) => reason === 'SecretContested'),
    },
  );
  // After ten repairs at once the pauses are 1, 2, 4 and 8 s: what is made in any 7 s is few.
  await untilSecret(kube, at, { PASSWORD: 'first' });
  await untilSecret(kube, at, { PASSWORD: 'theirs' });
  await untilSecret(kube, at, { PASSWORD: 'first' });
  const repairs = (await writesIn(world, at.namespace)).filter(
    (write) => write === 'patch secrets/app 200',
  );
  expect(repairs.length).toBeGreaterThanOrEqual(10);
  expect(repairs.length).toBeLessThanOrEqual(16);

  stop.abort();
  await kube.mergePatch(secrets, at, { metadata: { labels: { wake: 'up' } } });
  await war;
  await refreshed(world, at);
  await untilSecret(kube, at, { PASSWORD: 'first' });
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
});
