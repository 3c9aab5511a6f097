import { beforeEach, describe, expect, test } from 'vitest';
import type { VaultSecretStatus } from '../../../src/api/vaultSecret.ts';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';
import type { EventNote } from '../../../src/ports/kube.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import { createOtherControllers } from '../../../src/reconcilers/otherControllers.ts';
import type { Change } from '../../../src/reconcilers/triggers.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { aVaultSecret } from '../core/builders.ts';
import { createMemoryLog } from '../runtime/fakes.ts';
import { createWorld } from './world.ts';

const ours = 'platform/vaultsecret';
const other = 'elsewhere/second';

function stored(status: VaultSecretStatus): Stored<VaultSecret> {
  const body = aVaultSecret({ status });
  return { metadata: { namespace: 'shop', name: 'shop', uid: 'uid', resourceVersion: '1' }, body };
}

const updated = (
  before: VaultSecretStatus,
  after: VaultSecretStatus,
  more: Partial<Change<VaultSecret>> = {},
): Change<VaultSecret> => ({
  type: 'updated',
  previous: stored(before),
  object: stored(after),
  initial: false,
  ownWrite: false,
  ...more,
});

let clock: ManualClock;
let log: ReturnType<typeof createMemoryLog>;
let events: EventNote[];
let seenAt: number[];
let look: ReturnType<typeof createOtherControllers>;

beforeEach(() => {
  clock = createManualClock(0);
  log = createMemoryLog();
  events = [];
  seenAt = [];
  const publish = (event: EventNote): void => void events.push(event);
  look = createOtherControllers({
    controllerName: ours,
    clock,
    log,
    publish,
    metrics: { foreignStatusSeen: (atMs) => void seenAt.push(atMs) },
  });
});

describe('another controller', () => {
  test('is told of when it writes a status while we look, with the names of both', () => {
    look(updated({ controller: ours, observedGeneration: 1 }, { controller: other }));

    expect(log.lines).toMatchObject([
      {
        level: 'error',
        message: 'another controller serves the same VaultSecrets',
        controller: other,
        vaultSecret: 'shop/shop',
      },
    ]);
    expect(events).toMatchObject([{ type: 'Warning', reason: 'TwoControllers' }]);
    expect(events[0]?.note).toContain(`${ours} and ${other}`);
  });

  test('is logged again after ten minutes, though the clock was set back meanwhile', async () => {
    look(updated({ controller: ours }, { controller: other }));
    clock.step(-86_400_000);
    await clock.advance(600_000);
    look(updated({ controller: ours }, { controller: other }));

    expect(log.lines).toHaveLength(2);
  });

  test('is told of once in ten minutes, however many statuses it writes', async () => {
    const write = (): void => look(updated({ controller: ours }, { controller: other }));
    write();
    write();
    expect(log.lines).toHaveLength(1);

    await clock.advance(600_000);
    write();
    expect(log.lines).toHaveLength(2);
  });

  test('is measured by every status that it writes, whatever was told', async () => {
    look(updated({ controller: ours }, { controller: other }));
    await clock.advance(1_000);
    look(updated({ controller: ours }, { controller: other }));

    expect(seenAt).toEqual([0, 1_000]);
  });

  test('may have been there before: that is a warning, until it writes again', () => {
    const change = updated({}, { controller: other });
    look({ ...change, type: 'added', initial: true });
    look({ ...change, type: 'added', initial: true });

    expect(log.lines).toMatchObject([
      { level: 'warn', message: 'served before by another controller', controller: other },
    ]);
    expect([seenAt, events]).toEqual([[], []]);
    look(change);
    expect(events).toHaveLength(1);
  });

  test.each<[what: string, change: Change<VaultSecret>]>([
    ['our own status', updated({}, { controller: ours })],
    ['a status of before that had none', updated({}, { observedGeneration: 1 })],
    ['an edit of the spec', updated({ controller: other }, { controller: other })],
    ['a deletion', updated({}, { controller: other }, { type: 'deleted' })],
  ])('is not seen in %s', (_, change) => {
    look(change);

    expect([seenAt, log.lines]).toEqual([[], []]);
  });
});

describe('a status', () => {
  test('is signed, and not written anew because another signed it', async () => {
    const world = createWorld();
    await world.reconcile();
    expect(world.status().controller).toBe(ours);

    world.state.vaultSecret = aVaultSecret({ status: { ...world.status(), controller: other } });
    world.takeWrites();
    await world.reconcile();

    expect(world.takeWrites()).toEqual([]);
  });
});
