import { afterAll, expect, inject, test } from 'vitest';
import { tokenExchangeAudience } from '../../src/api/meta.ts';
import { controllerUser } from '../testbed/installation.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { configMaps, secrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
afterAll(() => world.close());

const isThere = (object: object | undefined): boolean => object !== undefined;

test('a wait ends with what holds already, with a change, and with a deletion', async () => {
  const namespace = await stage.createNamespace();
  const at = { namespace, name: 'settings' };
  const missing = untilObject(kube, configMaps, at, { what: 'it to come', holds: isThere });
  await kube.create(configMaps, { metadata: at, data: { colour: 'red' } });
  await missing;

  const colour = (wanted: string) =>
    untilObject(kube, configMaps, at, {
      what: `the colour ${wanted}`,
      holds: (found) => found?.data['colour'] === wanted && found.data,
    });
  expect(await colour('red')).toEqual({ colour: 'red' });
  const changed = colour('blue');
  await kube.mergePatch(configMaps, at, { data: { colour: 'blue' } });
  expect(await changed).toEqual({ colour: 'blue' });

  const gone = untilObject(kube, configMaps, at, {
    what: 'it to go',
    holds: (found) => !isThere(found),
  });
  await kube.delete(configMaps, at);
  expect(await gone).toBe(true);
});

test('a wait for many objects sees all of them in the scope, and no others', async () => {
  const [namespace, other] = await Promise.all([stage.createNamespace(), stage.createNamespace()]);
  const labels = { of: 'us' };
  const three = untilObjects(
    kube,
    configMaps,
    { namespace, labelSelector: 'of=us' },
    { what: 'three', holds: (found) => found.size === 3 && [...found.keys()].toSorted() },
  );
  await kube.create(configMaps, { metadata: { namespace: other, name: 'elsewhere', labels } });
  await kube.create(configMaps, { metadata: { namespace, name: 'unlabelled' } });
  for (const name of ['a', 'b', 'c']) {
    await kube.create(configMaps, { metadata: { namespace, name, labels } });
  }

  expect(await three).toEqual([`${namespace}/a`, `${namespace}/b`, `${namespace}/c`]);
});

test('a wait that fails tells the state of the object, but no value', async () => {
  const value = Buffer.from('canary').toString('base64');
  const at = { namespace: await stage.createNamespace(), name: 'shop' };
  await kube.create(secrets, {
    metadata: { ...at, annotations: { applied: `{"data":{"PASSWORD":"${value}"}}` } },
    data: { PASSWORD: value },
  });

  const failed = untilObject(kube, secrets, at, {
    what: 'a miracle',
    holds: () => false,
    timeoutMs: 200,
  });

  await expect(failed).rejects.toThrow(/^waited 200 ms for a miracle; 1 secrets .*"PASSWORD"/s);
  await expect(failed).rejects.not.toThrow(value);
});

test('every write is recorded with its user, refused ones too', async () => {
  const team = await stage.createTeam();
  const at = { namespace: team.namespace, name: team.serviceAccountName };
  await world.controllerKube.requestToken(at, { audience: tokenExchangeAudience });
  await expect(world.controllerKube.delete(configMaps, at)).rejects.toThrow('403');

  const writes = (await world.writes()).filter(({ namespace }) => namespace === team.namespace);

  expect(writes).toMatchObject([
    { user: controllerUser, verb: 'create', resource: 'serviceaccounts/token', status: 201 },
    { user: controllerUser, verb: 'delete', resource: 'configmaps', name: at.name, status: 403 },
  ]);
});
