import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { fieldManagerOf, managedLabel, ownerAnnotation } from '../../src/api/meta.ts';
import type { DesiredSecret } from '../../src/core/secret/desired.ts';
import type { Fence } from '../../src/core/observed/fence.ts';
import { wholeMarks } from '../../src/core/secret/marks.ts';
import type { ObservedSecret } from '../../src/core/observed/observed.ts';
import { redact } from '../../src/core/redacted.ts';
import { loadKubeConfig } from '../../src/kube/config.ts';
import { createApiClient } from '../../src/kube/request.ts';
import { createSecretClient } from '../../src/kube/secrets.ts';
import { KubeApiError } from '../../src/ports/kube.ts';
import { createSystemClock } from '../../src/system.ts';
import { secrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
const client = createSecretClient(
  createApiClient(loadKubeConfig([testbed.controllerKubeconfig], createSystemClock())),
);
const uid = 'e4b3e4a3-6f3c-4d3c-9f0e-2d3c4b5a6f70';
const fieldManager = fieldManagerOf(uid);
const marks = wholeMarks(uid);
let at: { readonly namespace: string; readonly name: string };

beforeEach(async () => {
  at = { namespace: await stage.createNamespace(), name: 'app' };
});
afterAll(() => world.close());

const encoded = (text: string): string => Buffer.from(text).toString('base64');

const holding = (value: string): DesiredSecret => ({
  ...at,
  type: 'Opaque',
  labels: { [managedLabel]: 'true' },
  annotations: { [ownerAnnotation]: `${at.namespace}/app` },
  data: { PASSWORD: redact(encoded(value)) },
});

const absent: Fence = { kind: 'absent' };
const exactly = ({ uid, resourceVersion }: ObservedSecret): Fence => ({
  kind: 'exactly',
  uid,
  resourceVersion,
});

async function write(value: string, fence: Fence, force = false): Promise<ObservedSecret> {
  return (await client.apply(holding(value), { fieldManager, fence, force })).body;
}

/** A Secret as one leader saw it, and what the next one made of it. */
async function overtaken(): Promise<ObservedSecret> {
  const seen = await write('first', absent);
  await write('second', exactly(seen));
  return seen;
}

/** What the attempt was answered, and whether it left the Secret as it was. */
async function outcomeOf(attempt: () => Promise<unknown>) {
  const before = await kube.find(secrets, at);
  const answer = await attempt().catch((thrown: unknown) => thrown);
  const isUntouched = isDeepStrictEqual(await kube.find(secrets, at), before);
  if (!(answer instanceof KubeApiError)) return { isUntouched };
  const { status, causes } = answer;
  return { status, causes: causes.map(({ reason }) => reason), isUntouched };
}

/** Without a cause that could be taken for another manager's field. */
const stale = { status: 409, causes: [], isUntouched: true };

const forces = [{ force: false }, { force: true }];

describe('a leader that was overtaken', () => {
  test.each(forces)('cannot apply (force: $force)', async ({ force }) => {
    const seen = await overtaken();

    expect(await outcomeOf(async () => write('first', exactly(seen), force))).toEqual(stale);
  });

  test('cannot remove keys', async () => {
    const seen = await overtaken();

    expect(await outcomeOf(async () => client.prune(seen, ['PASSWORD'], fieldManager))).toEqual(
      stale,
    );
  });

  test('cannot delete', async () => {
    const seen = await overtaken();

    expect(await outcomeOf(async () => client.delete(at, exactly(seen)))).toEqual(stale);
  });

  test('cannot let go', async () => {
    const seen = await overtaken();

    expect(await outcomeOf(async () => client.release(at, exactly(seen), marks))).toEqual(stale);
  });
});

describe('a Secret that is there', () => {
  test.each(forces)('is not created again (force: $force)', async ({ force }) => {
    await write('first', absent);

    expect(await outcomeOf(async () => write('second', absent, force))).toEqual(stale);
  });

  test.each(forces)(
    'by the hand of others is not created over (force: $force)',
    async ({ force }) => {
      await kube.create(secrets, { metadata: at, data: { PASSWORD: encoded('theirs') } });

      // Whose field it is, is judged first: without force the fence is not even looked at.
      expect(await outcomeOf(async () => write('ours', absent, force))).toEqual({
        ...stale,
        causes: force ? [] : ['FieldManagerConflict'],
      });
    },
  );

  test.each(forces)(
    'is not written by what was meant for a former one (force: $force)',
    async ({ force }) => {
      const former = await write('first', absent);
      await kube.delete(secrets, at);
      await write('second', absent);

      expect(await outcomeOf(async () => write('third', exactly(former), force))).toEqual(stale);
    },
  );
});

describe('a Secret that is gone', () => {
  test.each(forces)(
    'is not made again by a write that was meant for it (force: $force)',
    async (one) => {
      const seen = await write('first', absent);
      await kube.delete(secrets, at);

      expect(await outcomeOf(async () => write('second', exactly(seen), one.force))).toEqual(stale);

      expect(await kube.find(secrets, at)).toBeUndefined();
    },
  );

  test('is made anew by a create', async () => {
    await write('first', absent);
    await kube.delete(secrets, at);

    await write('second', absent);

    expect((await kube.get(secrets, at)).data).toEqual({ PASSWORD: encoded('second') });
  });

  test('needs no deletion and no letting go any more', async () => {
    const seen = await write('first', absent);
    await kube.delete(secrets, at);

    await client.delete(at, exactly(seen));
    await client.release(at, exactly(seen), marks);

    expect(await kube.find(secrets, at)).toBeUndefined();
  });
});

describe('a field that another manager owns', () => {
  test('is refused with its cause, which no stale fence has, and is taken by force', async () => {
    const seen = await write('first', absent);
    await kube.apply(secrets, { metadata: at, data: { PASSWORD: encoded('theirs') } }, 'rival');
    const { metadata } = await kube.get(secrets, at);
    const fence = exactly({ ...seen, resourceVersion: metadata.resourceVersion });

    expect(await outcomeOf(async () => write('second', fence))).toEqual({
      ...stale,
      causes: ['FieldManagerConflict'],
    });
    await write('second', fence, true);

    expect((await kube.get(secrets, at)).data).toEqual({ PASSWORD: encoded('second') });
  });
});
