import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { managedLabel } from '../../src/api/meta.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import type { VaultSecretInput } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { createSynced, data, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

type Policy = NonNullable<NonNullable<VaultSecretInput['target']>['creationPolicy']>;

const theirs = { THEIRS: Buffer.from('theirs').toString('base64') };
const labels = { [managedLabel]: 'true' };

/** A Secret that is all ours. */
async function own(creationPolicy: Policy) {
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  if (creationPolicy === 'Adopt') {
    const metadata = { namespace: team.namespace, name: 'app', labels };
    await kube.create(secrets, { metadata, data: theirs });
  }
  return createSynced(world, { team, spec: { data, target: { creationPolicy } } });
}

const change = (at: ObjectName, target: object) =>
  kube.mergePatch(vaultSecrets, at, { spec: { target } });

const secretWrites = async (namespace: string): Promise<readonly string[]> =>
  (await writesIn(world, namespace)).filter((write) => write.includes(' secrets'));

const untilOwners = (at: ObjectName, uids: readonly string[]) =>
  untilObject(kube, secrets, at, {
    what: `the owners to be [${uids.join()}]`,
    holds: (found) => found?.metadata.ownerReferences.map(({ uid }) => uid).join() === uids.join(),
  });

describe('the policy of a Secret that is all ours', () => {
  test.each(['Owner', 'Orphan', 'Adopt'] as const)(
    'may not become Merge, and back at %s nothing was written',
    async (policy) => {
      const { at, secret } = await own(policy);
      const before = await secretWrites(at.namespace);

      await change(at, { creationPolicy: 'Merge' });
      const { status } = await untilCondition(kube, at, { status: 'False', reason: 'TargetIsOwn' });
      expect(status?.conditions?.[0]?.message).toContain('To share a Secret with others');
      await change(at, { creationPolicy: policy });
      await untilCondition(kube, at, { status: 'True', reason: 'Synced' });

      expect(await kube.get(secrets, at)).toEqual(secret);
      expect(await secretWrites(at.namespace)).toEqual(before);
    },
  );

  test('becomes Merge with the Secret of somebody else, and ours goes', async () => {
    const { at } = await own('Owner');
    const shared = { ...at, name: 'shared' };
    await kube.create(secrets, { metadata: { ...shared, labels }, data: theirs });

    await change(at, { creationPolicy: 'Merge', name: 'shared' });

    await untilSecret(kube, shared, { THEIRS: 'theirs', PASSWORD: 'first' });
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test('becomes Orphan and Owner again by the owner reference alone', async () => {
    const { at, vaultSecret, secret } = await own('Owner');

    await change(at, { creationPolicy: 'Orphan' });
    await untilOwners(at, []);
    await change(at, { creationPolicy: 'Owner' });
    await untilOwners(at, [vaultSecret.metadata.uid]);

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    const { metadata, data: values } = await kube.get(secrets, at);
    expect({ uid: metadata.uid, values }).toEqual({
      uid: secret.metadata.uid,
      values: secret.data,
    });
  });
});
