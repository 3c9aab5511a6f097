import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { managedLabel, ownerAnnotation, refreshAnnotation } from '../../src/api/meta.ts';
import {
  startApiServerProxy,
  type ApiServerProxy,
  type ProxiedWrite,
} from '../testbed/apiServerProxy.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { secrets, vaultSecrets, type Secret, type VaultSecret } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
let directory: string;
let proxy: ApiServerProxy;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-crash-'));
  const kubeconfig = join(directory, 'kubeconfig');
  proxy = await startApiServerProxy({ kube, tokenFile: testbed.controllerTokenFile, kubeconfig });
});
afterAll(async () => {
  await world.close();
  await proxy.close();
  await rm(directory, { recursive: true, force: true });
});

const encoded = (text: string): string => Buffer.from(text).toString('base64');
/** Something that makes the controller write, and what must stand there in the end. */
interface Scenario {
  readonly name: string;
  /** The writes of the straight line, in order; events and tokens come beside it. */
  readonly writes: readonly string[];
  /** False: the controller first meets the VaultSecret in the scenario. */
  readonly startsSynced: boolean;
  /** What stands there before the VaultSecret, and how the VaultSecret deals with it. */
  readonly setUp?: (team: Team) => Promise<unknown>;
  readonly creationPolicy?: 'Adopt' | 'Merge';
  readonly act: (team: Team) => Promise<unknown>;
  readonly target: string;
  readonly end: (secret: Secret) => boolean;
  /** Secrets that must be gone. */
  readonly gone?: readonly string[];
  /** The VaultSecret itself goes. */
  readonly isEnd?: true;
}

const data = [{ dataKey: 'PASSWORD', secret: { name: 'password' } }];
const holds =
  (value: string, others: Readonly<Record<string, string>> = {}) =>
  (secret: Secret) =>
    isDeepStrictEqual(textsOf(secret), { PASSWORD: value, ...others });
const isUnmarked = ({ metadata }: Secret): boolean =>
  Object.keys(metadata.annotations).length === 0;

const edit = async ({ namespace }: Team, patch: object): Promise<unknown> =>
  kube.mergePatch(vaultSecrets, { namespace, name: 'app' }, patch);

/** A Secret of others that its owner lets us write. */
const makeTheirs = async ({ namespace }: Team): Promise<unknown> =>
  kube.create(secrets, {
    metadata: { namespace, name: 'app', labels: { [managedLabel]: 'true' } },
    data: { PASSWORD: encoded('theirs'), THEIRS: encoded('x') },
  });

const scenarios: readonly Scenario[] = [
  {
    name: 'the first sync',
    writes: ['PATCH secrets/app', 'PATCH vaultsecrets/app/status'],
    startsSynced: false,
    act: async () => undefined,
    target: 'app',
    end: holds('first'),
  },
  {
    name: 'a rotation',
    writes: ['PATCH secrets/app', 'PATCH vaultsecrets/app/status'],
    startsSynced: true,
    act: async (team) => {
      await azure.putSecret(team.vault, 'password', { value: 'second' });
      await edit(team, { metadata: { annotations: { [refreshAnnotation]: 'now' } } });
    },
    target: 'app',
    end: holds('second'),
  },
  {
    name: 'the repair of a drift with a surplus key',
    writes: ['PATCH secrets/app', 'PATCH secrets/app'],
    startsSynced: true,
    act: async ({ namespace }) =>
      kube.mergePatch(
        secrets,
        { namespace, name: 'app' },
        {
          data: { PASSWORD: encoded('foreign'), SURPLUS: encoded('x') },
        },
      ),
    target: 'app',
    end: holds('first'),
  },
  {
    name: 'a change of the type',
    writes: [
      'POST secrets',
      'DELETE secrets/app',
      'PATCH secrets/app',
      'PATCH vaultsecrets/app/status',
    ],
    startsSynced: true,
    act: async (team) => edit(team, { spec: { target: { type: 'example.com/password' } } }),
    target: 'app',
    end: (secret) => secret.type === 'example.com/password' && holds('first')(secret),
  },
  {
    name: 'an adoption',
    writes: ['PATCH secrets/app', 'PATCH secrets/app', 'PATCH vaultsecrets/app/status'],
    startsSynced: false,
    setUp: makeTheirs,
    creationPolicy: 'Adopt',
    act: async () => undefined,
    target: 'app',
    end: (secret) =>
      holds('first')(secret) && secret.metadata.annotations[ownerAnnotation] !== undefined,
  },
  {
    name: 'a merge',
    writes: [
      'PATCH vaultsecrets/app',
      // Refused, and then with force: somebody else had set the key.
      'PATCH secrets/app',
      'PATCH secrets/app',
      'PATCH vaultsecrets/app/status',
    ],
    startsSynced: false,
    setUp: makeTheirs,
    creationPolicy: 'Merge',
    act: async () => undefined,
    target: 'app',
    end: holds('first', { THEIRS: 'x' }),
  },
  {
    name: 'the end of a VaultSecret that merged',
    writes: ['PATCH secrets/app', 'PATCH vaultsecrets/app'],
    startsSynced: true,
    setUp: makeTheirs,
    creationPolicy: 'Merge',
    act: async ({ namespace }) => kube.delete(vaultSecrets, { namespace, name: 'app' }),
    target: 'app',
    end: (secret) => isDeepStrictEqual(textsOf(secret), { THEIRS: 'x' }) && isUnmarked(secret),
    isEnd: true,
  },
  {
    name: 'a change of the target',
    writes: ['PATCH secrets/renamed', 'DELETE secrets/app', 'PATCH vaultsecrets/app/status'],
    startsSynced: true,
    act: async (team) => edit(team, { spec: { target: { name: 'renamed' } } }),
    target: 'renamed',
    end: holds('first'),
    gone: ['app'],
  },
];

const isBeside = ({ path }: ProxiedWrite): boolean => /\/(events|token)$|\/events\//.test(path);
const shown = ({ method, path }: ProxiedWrite): string =>
  `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, '')}`;

async function prepare(scenario: Scenario): Promise<Team> {
  const { startsSynced, setUp, creationPolicy } = scenario;
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  await setUp?.(team);
  const target = creationPolicy === undefined ? {} : { target: { creationPolicy } };
  await stage.createVaultSecret(team, 'app', { data, ...target });
  if (!startsSynced) return team;
  const controller = await startController();
  const others = creationPolicy === 'Merge' ? { THEIRS: 'x' } : {};
  await settled(team, { target: 'app', end: holds('first', others) });
  await controller.end('SIGTERM');
  return team;
}

async function startController(): Promise<ControllerProcess> {
  const controller = await world.startController({ args: [`--kubeconfig=${proxy.kubeconfig}`] });
  onTestFailed(() => console.error(controller.lines.join('\n')));
  await controller.untilReady();
  return controller;
}

function isSettled({ metadata, status }: VaultSecret): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    status?.observedRefresh === metadata.annotations[refreshAnnotation] &&
    status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  );
}

/** The VaultSecret says that its newest generation and refresh are done, and the Secret is as it must be. */
async function settled(
  { namespace }: Team,
  { target, end, gone = [], isEnd }: Pick<Scenario, 'target' | 'end' | 'gone' | 'isEnd'>,
): Promise<Secret> {
  await untilObject(
    kube,
    vaultSecrets,
    { namespace, name: 'app' },
    {
      what: isEnd
        ? 'the VaultSecret to go'
        : 'the VaultSecret to be Ready at its newest generation',
      holds: (found) => (isEnd ? found === undefined : found !== undefined && isSettled(found)),
    },
  );
  for (const name of gone) {
    await untilObject(
      kube,
      secrets,
      { namespace, name },
      {
        what: `Secret ${name} to go`,
        holds: (secret) => secret === undefined,
      },
    );
  }
  return untilObject(
    kube,
    secrets,
    { namespace, name: target },
    {
      what: `Secret ${target} to be right`,
      holds: (secret) => secret !== undefined && end(secret) && secret,
    },
  );
}

/** Runs until the write with this index, kills the controller there, and starts another. */
async function crashAt(
  scenario: Scenario,
  index: number,
  moment: 'before' | 'after',
): Promise<string[]> {
  const team = await prepare(scenario);
  const seen: string[] = [];
  const killed = Promise.withResolvers<void>();
  proxy.around = async (write, forward) => {
    const isOurs = write.path.includes(`/namespaces/${team.namespace}/`) && !isBeside(write);
    if (isOurs) seen.push(shown(write));
    // What it tries between the lost answer and its death must not get through either.
    if (seen.length > index + 1) return 'lost';
    if (!isOurs || seen.length <= index) {
      await forward();
      return 'answered';
    }
    if (moment === 'after') await forward();
    killed.resolve();
    return 'lost';
  };
  const first = await startController();
  await scenario.act(team);
  await killed.promise;
  await first.end('SIGKILL');
  proxy.around = async (_write, forward) => {
    await forward();
    return 'answered';
  };
  const second = await startController();
  await settled(team, scenario);
  await second.end('SIGTERM');
  return seen;
}

describe.each(scenarios)('kill -9 during $name', (scenario) => {
  const moments = scenario.writes.flatMap((write, index) =>
    (['before', 'after'] as const).map((moment) => ({ write, index, moment })),
  );

  test.each(moments)('$moment $write (write $index): ends right', async ({ index, moment }) => {
    const seen = await crashAt(scenario, index, moment);

    expect(seen.slice(0, index + 1)).toEqual(scenario.writes.slice(0, index + 1));
  });
});
