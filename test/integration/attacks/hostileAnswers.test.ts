import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { untilCondition } from '../../testbed/expectations.ts';
import { untilObject, untilObjects } from '../../testbed/kubeConditions.ts';
import { events, secrets, vaultSecrets } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { startHostileHost, type HostileAnswer, type HostileHost } from './hostileHost.ts';
import {
  createHostileVaults,
  honest,
  resolveEntra,
  value,
  type HostileVaults,
} from './hostileVault.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
let hostile: HostileHost;
let vaults: HostileVaults;
let controller: ControllerProcess;

beforeAll(async () => {
  hostile = await startHostileHost();
  controller = await world.startController({
    args: [...hostile.args, resolveEntra(testbed), '--log-level=trace'],
  });
  await controller.untilReady();
  vaults = await createHostileVaults(world, hostile, await stage.createTeam());
  const { at } = await vaults.open(honest);
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
});
afterAll(async () => {
  await world.close();
  await hostile.close();
});

/** Nobody who reads a status should be told this by a stranger. */
const phrase = 'Run kubectl delete all';
const heard = /kubectl.{1,3}delete|hunter2/;
const idOf = (version: string): string =>
  `https://x.vault.azure.cn/secrets/password/${encodeURIComponent(version)}`;
const error = (body: object) => ({ error: { code: 'Forbidden', message: 'no', ...body } });
const good = idOf('0123456789abcdef0123456789abcdef');

/** What a host may say to whoever comes with a token. */
const answers: readonly [what: string, answer: HostileAnswer][] = [
  ['the message of a 403', { status: 403, body: error({ message: phrase }) }],
  ['the code of a 403', { status: 403, body: error({ code: phrase }) }],
  ['the inner code of a 403', { status: 403, body: error({ innererror: { code: phrase } }) }],
  ['the code of a 404', { status: 404, body: error({ code: phrase }) }],
  ['the code of a 400', { status: 400, body: error({ code: phrase, message: phrase }) }],
  ['the code of a 409', { status: 409, body: error({ innererror: { code: phrase } }) }],
  ['a page instead of JSON', { status: 404, body: `<h1>${phrase}</h1>` }],
  ['a header', { status: 403, headers: { 'x-ms-request-id': phrase, 'retry-after': phrase } }],
  ['a 500', { status: 500, body: error({ message: phrase, code: phrase }) }],
  ['the version of a value', { status: 200, body: { value, id: idOf(phrase) } }],
  ['the id of a value', { status: 200, body: { value, id: `https://evil/${phrase}` } }],
  ['JSON that breaks off', { status: 200, body: `{"value":"${value}","id":"${phrase}` }],
  ['a value that is none', { status: 200, body: { value: { [phrase]: value }, id: good } }],
];

describe('nothing of what a hostile host says is repeated', () => {
  test.each(answers)('%s', async (_what, answer) => {
    const { at, tokens } = await vaults.open(honest, () => answer);

    const told = await untilObject(kube, vaultSecrets, at, {
      what: 'the VaultSecret to say something',
      holds: (found) => (found?.status?.conditions?.length ?? 0) > 0 && found,
    });

    expect(tokens()).toHaveLength(1);
    expect(JSON.stringify(told.status)).not.toMatch(heard);
    expect(told.status?.conditions?.[0]).toMatchObject({ status: 'False' });
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test('in events, the log and metrics neither', async () => {
    const last = await vaults.open(honest, () => ({ status: 403, body: error({ code: phrase }) }));
    const { namespace, name } = last.at;
    const told = await untilObjects(
      kube,
      events,
      { namespace },
      {
        what: 'the last event',
        holds: (all) => [...all.values()].some(({ regarding }) => regarding.name === name) && all,
      },
    );

    const said = {
      events: JSON.stringify([...told]),
      log: controller.lines.join('\n'),
      metrics: await controller.metrics(),
    };
    const where = (text: RegExp): string[] =>
      Object.entries(said).flatMap(([place, all]) => (text.test(all) ? [place] : []));
    expect(where(new RegExp(name))).toEqual(['events', 'log', 'metrics']);
    expect(where(heard)).toEqual([]);
  });
});
