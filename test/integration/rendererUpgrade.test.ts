import { afterAll, expect, inject, onTestFailed, test } from 'vitest';
import { fieldManagerOf, syncRecordAnnotation } from '../../src/api/meta.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, type Secret } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { createSynced, refreshed, writesIn } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube } = world;
afterAll(() => world.close());

test('a Secret that an older renderer made is made again by the newer, once', async () => {
  let controller = await world.startController();
  onTestFailed(() => console.error(controller.lines.slice(-20).join('\n')));
  await controller.untilReady();
  const { at, vaultSecret, secret } = await createSynced(world);
  const { labels, annotations, ownerReferences } = secret.metadata;
  const record = annotations[syncRecordAnnotation] ?? '';
  const older = record.replace(/"render":"\w+"/, '"render":"older"');
  await controller.end('SIGTERM');
  const metadata = {
    ...at,
    labels,
    annotations: { ...annotations, [syncRecordAnnotation]: older },
    ownerReferences,
  };
  const { type, data: values } = secret;
  const manager = fieldManagerOf(vaultSecret.metadata.uid);
  await kube.apply(secrets, { metadata, type, data: values }, manager);
  controller = await world.startController();
  await controller.untilReady();

  const renderOf = (found: Secret | undefined): string | undefined =>
    /"render":"\w+"/.exec(found?.metadata.annotations[syncRecordAnnotation] ?? '')?.[0];
  const made = await untilObject(kube, secrets, at, {
    what: 'the render revision of today',
    holds: (found) => renderOf(found) === renderOf(secret) && found,
  });
  expect({ uid: made.metadata.uid, values: made.data }).toEqual({
    uid: secret.metadata.uid,
    values,
  });
  await refreshed(world, at);
  const writes = await writesIn(world, at.namespace);
  expect(writes.filter((write) => write.includes(' secrets/'))).toEqual([
    'patch secrets/app 201',
    'patch secrets/app 200',
  ]);
});
