import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openWorld } from '../testbed/world.ts';
import { rightsIn, type RuleFile } from './rights/ruleFiles.ts';
import type { Scenario } from './rights/scenario.ts';
import {
  namespaceScenarios,
  scenarios,
  shownBy,
  start,
  type ScenarioName,
} from './rights/shownBy.ts';
import { clusterScenarios } from './rights/connectionScenarios.ts';
import { leaseScenarios } from './rights/leaseScenarios.ts';
import { openTrials, type Trial, type TrialOptions, type Trials } from './rights/trial.ts';

const world = openWorld(inject('testbed'));
let trials: Trials;

beforeAll(async () => {
  trials = await openTrials(world);
});
afterAll(async () => {
  await trials.close();
  await world.close();
});

const allFiles: readonly RuleFile[] = [
  'cluster-role-rules',
  'namespace-role-rules',
  'role-rules',
  'metrics-review-rules',
];

describe.each(allFiles)('of %s', (file) => {
  test('each right is shown to be needed', () => {
    const rights = rightsIn(file).map(({ line }) => line);

    expect(Object.keys(shownBy[file]).toSorted()).toEqual(rights.toSorted());
  });
});

type Mode = Pick<TrialOptions, 'isNamespaced' | 'leaderElect'>;
const inCluster: Mode = { isNamespaced: false, leaderElect: false };
const inNamespaces: Mode = { isNamespaced: true, leaderElect: false };
const electing: Mode = { isNamespaced: true, leaderElect: true };

/** What cannot be seen to come about with all rights would prove nothing without one. */
describe.each<[where: string, mode: Mode, able: Readonly<Record<string, Scenario>>]>([
  ['the cluster', inCluster, { start, ...namespaceScenarios, ...clusterScenarios }],
  ['its namespaces', inNamespaces, { start, ...namespaceScenarios }],
])('a controller with all rights in %s', (_, mode, able) => {
  const all = Object.entries(able);
  let trial: Trial;

  beforeAll(async () => {
    trial = await trials.begin({ ...mode, teams: all.length });
    await trial.controller.untilReady();
  });
  afterAll(async () => trial.end());

  test.concurrent.each(all.map(([name, scenario], team) => ({ name, scenario, team })))(
    'can $name',
    async ({ scenario, team }) => {
      const outcome = await scenario.act(trial.sceneOf(team));
      await outcome.comesAbout();

      expect(await outcome.hasComeAbout()).toBe(true);
    },
  );

  test('was refused nothing', () => {
    expect(trials.answers.refusalsTo(trial.installation.user)).toEqual([]);
  });
});

describe('a controller with all rights to its Lease', () => {
  test.concurrent.each(Object.entries(leaseScenarios))('can %s', async (_, scenario: Scenario) => {
    const trial = await beginFor(scenario, electing);
    try {
      await trial.controller.untilReady();
      const outcome = await scenario.act(trial.sceneOf(0));
      await outcome.comesAbout();

      expect(await outcome.hasComeAbout()).toBe(true);
      expect(trials.answers.refusalsTo(trial.installation.user)).toEqual([]);
    } finally {
      await trial.end();
    }
  });
});

async function beginFor(
  { arrange }: Scenario,
  options: Mode & Pick<TrialOptions, 'without'>,
): Promise<Trial> {
  return trials.begin({ ...options, teams: 1, ...(arrange && { arrange }) });
}

type Row = readonly [line: string, name: ScenarioName];
const rowsOf = (file: RuleFile): Row[] => Object.entries(shownBy[file]);

/** Whether the behaviour came about without the right, and what the API server refused to the controller. */
async function tryWithout(file: RuleFile, [line, name]: Row, mode: Mode) {
  const scenario: Scenario = scenarios[name];
  const trial = await beginFor(scenario, { ...mode, without: { file, line } });
  const { user } = trial.installation;
  try {
    if (scenario !== start) await trial.controller.untilReady();
    const outcome = await scenario.act(trial.sceneOf(0));
    const before = scenario.isWatchedFor === true ? trials.answers.countOf(user, line) : 0;
    await trials.answers.untilRefused(user, line, before + 1);
    const hasComeAbout = await outcome.hasComeAbout();
    const lines = trials.answers.refusalsTo(user).map((refusal) => refusal.line);
    return { hasComeAbout, refused: [...new Set(lines)] };
  } catch (cause) {
    throw new Error(trial.controller.lines.slice(-10).join('\n'), { cause });
  } finally {
    await trial.end();
  }
}

/** One after the other: each controller would do what another cannot. */
describe.each<RuleFile>(['cluster-role-rules', 'namespace-role-rules'])(
  'in the cluster, by %s,',
  (file) => {
    test.for(rowsOf(file))('without the right to %s it cannot %s', async (row) => {
      const outcome = await tryWithout(file, row, inCluster);

      expect(outcome).toEqual({ hasComeAbout: false, refused: [row[0]] });
    });
  },
);

describe.each<[file: RuleFile, mode: Mode]>([
  ['namespace-role-rules', inNamespaces],
  ['metrics-review-rules', inNamespaces],
  ['role-rules', electing],
])('in namespaces, by %s,', (file, mode) => {
  test.concurrent.for(rowsOf(file))('without the right to %s it cannot %s', async (row) => {
    const outcome = await tryWithout(file, row, mode);

    expect(outcome).toEqual({ hasComeAbout: false, refused: [row[0]] });
  });
});
