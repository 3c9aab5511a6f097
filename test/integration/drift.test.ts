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
import { managedLabel, ownerAnnotation, syncRecordAnnotation } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilSecret } from '../testbed/expectations.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { events, secrets, type Secret } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import {
  applied,
  changes,
  foreignValue,
  merge,
  target,
  type ForeignChange,
} from './foreignChanges.ts';
import { createSynced, refreshed, writesIn, type Synced } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;
let team: Team;
/** The VaultSecret that a change, or what is none, is done to. */
const subjects = new Map<string, Synced>();

const sameValue = { PASSWORD: Buffer.from('first').toString('base64') };

/** What may stay. */
const harmless: readonly (Pick<ForeignChange, 'what' | 'act'> & { stays: object })[] = [
  {
    what: 'adds a label, an annotation and a finalizer',
    act: merge({
      metadata: {
        labels: { rival: 'yes' },
        annotations: { 'example.com/rival': 'yes' },
        finalizers: ['example.com/rival'],
      },
    }),
    stays: {
      labels: { rival: 'yes' },
      annotations: { 'example.com/rival': 'yes' },
      finalizers: ['example.com/rival'],
    },
  },
  {
    what: 'comes to own our value too, without changing it',
    act: applied({ data: sameValue }),
    stays: {},
  },
];

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
  team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  await Promise.all(
    [...changes, ...harmless].map(async ({ what }, index) => {
      const options = { team, name: `app-${index}`, spec: { target } };
      subjects.set(what, await createSynced(world, options));
    }),
  );
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  const finalizers = { metadata: { finalizers: null } };
  const { at } = subjectOf(harmless[0]?.what);
  if (await kube.find(secrets, at)) await kube.mergePatch(secrets, at, finalizers);
  await world.close();
});

function subjectOf(what = ''): Synced {
  const subject = subjects.get(what);
  if (subject === undefined) throw new Error(`nothing was set up for: ${what}`);
  return subject;
}

/** Exactly what we apply, and in our data nothing else. */
function isRepaired(secret: Secret, { at, vaultSecret, secret: first }: Synced): boolean {
  const { labels, annotations, ownerReferences } = secret.metadata;
  const record = annotations[syncRecordAnnotation];
  return (
    secret.type === 'Opaque' &&
    JSON.stringify(textsOf(secret)) === JSON.stringify({ PASSWORD: 'first' }) &&
    labels[managedLabel] === 'true' &&
    labels['team'] === target.labels.team &&
    annotations['example.com/tier'] === target.annotations['example.com/tier'] &&
    annotations[ownerAnnotation] === `${at.namespace}/${at.name}` &&
    sourcesOf(record) === sourcesOf(first.metadata.annotations[syncRecordAnnotation]) &&
    ownerReferences.map(({ uid }) => uid).join() === vaultSecret.metadata.uid
  );
}

function sourcesOf(record: string | undefined): string {
  try {
    const { sources }: { sources?: unknown } = JSON.parse(record ?? '{}');
    return JSON.stringify(sources);
  } catch {
    return 'unreadable';
  }
}

function untilRepaired(subject: Synced): Promise<Secret> {
  return untilObject(kube, secrets, subject.at, {
    what: 'the Secret to be as it was',
    holds: (secret) => secret !== undefined && isRepaired(secret, subject) && secret,
  });
}

/** Answers to the writes of the subject's Secret since its first sync. */
async function secretWrites({ at }: Synced): Promise<number[]> {
  const writes = await writesIn(world, at.namespace);
  const toSecret = writes.filter((write) => write.startsWith(`patch secrets/${at.name} `));
  return toSecret.slice(1).map((write) => Number(write.split(' ').at(-1)));
}

describe('when somebody else', () => {
  test.each(changes)('$what, it is undone, with an event', async ({ what, act, repair }) => {
    const subject = subjectOf(what);

    await act(kube, subject);
    await untilRepaired(subject);
    // Again at once: the API server keeps whole seconds only.
    await act(kube, subject);
    await untilRepaired(subject);

    await refreshed(world, subject.at);
    expect(await secretWrites(subject)).toEqual([...repair, ...repair]);
    const { namespace, name } = subject.at;
    const event = await untilObjects(
      kube,
      events,
      { namespace },
      {
        what: 'the event DriftRepaired',
        holds: (all) =>
          [...all.values()].find(
            ({ reason, regarding }) => reason === 'DriftRepaired' && regarding.name === name,
          ),
      },
    );
    expect(event).toMatchObject({ type: 'Normal', note: expect.stringContaining(name) });
  });

  test.each(harmless)('$what, nothing is undone', async ({ what, act, stays }) => {
    const subject = subjectOf(what);
    await act(kube, subject);
    const { metadata } = await kube.get(secrets, subject.at);

    await refreshed(world, subject.at);

    expect((await kube.get(secrets, subject.at)).metadata).toEqual(metadata);
    // One that changed nothing, where the change came within two seconds of our own write.
    expect([[], [200]]).toContainEqual(await secretWrites(subject));

    await merge({ data: { PASSWORD: foreignValue } })(kube, subject);
    expect((await untilRepaired(subject)).metadata).toMatchObject(stays);
  });

  test('changes the type, the API server refuses', async () => {
    const { at } = subjectOf(changes[0]?.what);

    const change = kube.mergePatch(secrets, at, { type: 'example.com/rival' });

    await expect(change).rejects.toMatchObject({ status: 422 });
  });
});

describe('after all that', () => {
  test('no repair has caused another', async () => {
    for (const { what, repair } of changes) {
      expect(await secretWrites(subjectOf(what)), what).toEqual([...repair, ...repair]);
    }
    for (const { what } of harmless) {
      expect((await secretWrites(subjectOf(what))).length, what).toBeLessThanOrEqual(3);
    }
    expect(await controller.metrics()).toContain(
      `vaultsecret_drift_repairs_total ${2 * changes.length + harmless.length}`,
    );
  });

  test('what happened while no replica ran is undone at the start', async () => {
    const unseen = changes.filter(({ isBelievedAfterRestart }) => isBelievedAfterRestart !== true);
    await controller.end('SIGTERM');
    await Promise.all(unseen.map(({ what, act }) => act(kube, subjectOf(what))));

    controller = await world.startController();
    await controller.untilReady();

    await Promise.all(unseen.map(({ what }) => untilRepaired(subjectOf(what))));
    for (const { what, repair } of unseen) {
      const subject = subjectOf(what);
      await refreshed(world, subject.at);
      expect(await secretWrites(subject), what).toEqual([...repair, ...repair, ...repair]);
    }
  });

  test('a rotation is followed as before', async () => {
    await azure.putSecret(team.vault, 'password', { value: 'second' });

    for (const { at } of subjects.values()) {
      await refreshed(world, at);
      await untilSecret(kube, at, { PASSWORD: 'second' });
    }
    expect(subjects.size).toBe(changes.length + harmless.length);
  });
});
