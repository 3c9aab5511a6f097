import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import {
  fieldManagerOf,
  managedLabel,
  mergeRecordAnnotation,
  refreshAnnotation,
} from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition, untilSecret } from '../testbed/expectations.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { events, secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { data } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const target = { name: 'shared', creationPolicy: 'Merge' } as const;

/** A VaultSecret that is merged into a Secret of others. */
async function merged() {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  const { namespace } = team;
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  const shared = { namespace, name: 'shared' };
  const labels = { [managedLabel]: 'true' };
  await kube.create(secrets, {
    metadata: { ...shared, labels },
    data: { THEIRS: encoded('theirs') },
  });
  await stage.createVaultSecret(team, 'app', { data, target });
  const at = { namespace, name: 'app' };
  const { metadata } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
  return { team, shared, at, uid: metadata.uid };
}

async function deleteVaultSecret(at: { namespace: string; name: string }): Promise<void> {
  await kube.delete(vaultSecrets, at);
  await untilObject(kube, vaultSecrets, at, {
    what: 'the VaultSecret to go',
    holds: (found) => found === undefined,
  });
}

const notices = (namespace: string, reason: string) =>
  untilObjects(
    kube,
    events,
    { namespace },
    {
      what: `the event ${reason}`,
      holds: (all) => [...all.values()].find((event) => event.reason === reason)?.note,
    },
  );

describe('a Secret of others', () => {
  test('whose managedFields were cleared while nobody looked loses what was merged', async () => {
    const { shared, at } = await merged();
    await kube.mergePatch(vaultSecrets, at, { spec: { suspend: true } });
    await untilCondition(kube, at, { status: 'True', reason: 'Suspended' });
    await kube.mergePatch(secrets, shared, { metadata: { managedFields: [{}] } });
    await kube.apply(secrets, { metadata: shared, data: { MORE: encoded('more') } }, 'argo');

    await deleteVaultSecret(at);

    const secret = await untilSecret(kube, shared, { THEIRS: 'theirs', MORE: 'more' });
    expect(secret.metadata.annotations).toEqual({});
  });

  test('that lost its label keeps what was merged, and an event tells how to remove it', async () => {
    const { shared, at, uid } = await merged();
    await kube.mergePatch(secrets, shared, { metadata: { labels: { [managedLabel]: null } } });
    await untilCondition(kube, at, { status: 'False', reason: 'TargetNotLabelled' });

    await deleteVaultSecret(at);

    const patch = `--type merge --patch '{"data":{"PASSWORD":null}}'`;
    expect(await notices(at.namespace, 'MergedKeysLeft')).toContain(
      `kubectl patch secret shared --namespace ${at.namespace} ${patch}`,
    );
    const left = await kube.get(secrets, shared);
    expect(textsOf(left)).toEqual({ THEIRS: 'theirs', PASSWORD: 'first' });
    expect(Object.keys(left.metadata.annotations)).toContain(mergeRecordAnnotation(uid));
  });

  test('that is immutable by now is its owner’s to make anew, and keeps no mark of ours', async () => {
    const { team, shared, at, uid } = await merged();
    await kube.mergePatch(secrets, shared, { immutable: true });
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await kube.mergePatch(vaultSecrets, at, {
      metadata: { annotations: { [refreshAnnotation]: 'now' } },
    });
    const refused = { status: 'False', reason: 'MergeTargetImmutable' } as const;
    const { status } = await untilCondition(kube, at, refused);
    const told = status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';
    expect(told).toContain('let the owner of the Secret make it anew');
    expect(told).not.toContain('kubectl delete');

    // The keys are nobody's then: no later policy may take the whole Secret for ours.
    await kube.mergePatch(vaultSecrets, at, { spec: { target: { creationPolicy: 'Owner' } } });
    await untilCondition(kube, at, { status: 'False', reason: 'TargetOwnedByOther' });
    const { metadata, data: values } = await kube.get(secrets, shared);

    expect(values).toEqual({ THEIRS: encoded('theirs'), PASSWORD: encoded('first') });
    expect(metadata.annotations).toEqual({});
    expect(metadata.managedFields.map(({ manager }) => manager)).not.toContain(fieldManagerOf(uid));
    expect(metadata.labels).toEqual({ [managedLabel]: 'true' });
  });
});
