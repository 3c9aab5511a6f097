import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startApiServerProxy, type ApiServerProxy } from '../../testbed/apiServerProxy.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { clusterVaultConnections } from '../../testbed/kubeResources.ts';
import { createStage, type Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { install, leaseOf, type Installation, type InstallationOptions } from './installation.ts';
import { Answers } from './refusals.ts';
import type { Scenario, Scene } from './scenario.ts';

/** Longer than a repeated event waits before it is written, shorter than it is remembered. */
const jumpMs = 120_000;
const clockJump = resolve(import.meta.dirname, '../../testbed/clockJump.ts');

export interface TrialOptions extends Omit<InstallationOptions, 'namespaces' | 'way'> {
  readonly isNamespaced: boolean;
  readonly leaderElect: boolean;
  /** One for each scene that is asked for. */
  readonly teams: number;
  readonly arrange?: Scenario['arrange'];
}

/** A controller with rights of its own, and teams for whom it works. */
export interface Trial {
  readonly installation: Installation;
  readonly controller: ControllerProcess;
  sceneOf(team: number): Scene;
  end(): Promise<void>;
}

/** All that trials share: how they reach the API server, and what that said. */
export interface Trials {
  readonly answers: Answers;
  begin(options: TrialOptions): Promise<Trial>;
  close(): Promise<void>;
}

export async function openTrials(world: World): Promise<Trials> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-trials-'));
  const way = join(directory, 'kubeconfig');
  const tokenFile = world.testbed.controllerTokenFile;
  const proxy = await startApiServerProxy({ kube: world.kube, tokenFile, kubeconfig: way });
  const answers = new Answers();
  proxy.heard = (answer) => answers.hear(answer);
  return {
    answers,
    begin: async (options) => begin(world, proxy, answers, options),
    async close() {
      await proxy.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function begin(
  world: World,
  { kubeconfig: way }: ApiServerProxy,
  answers: Answers,
  { isNamespaced, leaderElect, arrange, ...options }: TrialOptions,
): Promise<Trial> {
  const stage = createStage(world.kube, world.azure, world.testbed);
  const teams = await Promise.all(
    Array.from({ length: options.teams }, async () => stage.createTeam()),
  );
  const namespaces = teams.map(({ namespace }) => namespace);
  const own = { ...world, stage };
  const watched = isNamespaced ? { namespaces } : {};
  const installation = await install(own, { ...options, ...watched, way });
  const lease = leaseOf(installation);
  await arrange?.({ world, lease });
  const controller = await world.startController({
    leaderElect,
    args: argumentsFor(installation, watched.namespaces),
    env: { NODE_OPTIONS: `--import=${clockJump}`, CLOCK_JUMP_MS: String(jumpMs) },
  });
  return {
    installation,
    controller,
    sceneOf: (index) => ({
      world: own,
      team: teamAt(teams, index),
      controller,
      lease,
      untilAsked: async (matches) =>
        answers.untilAsked((url) => url.includes(installation.namespace) && matches(url)),
    }),
    async end() {
      await controller.end('SIGKILL');
      await Promise.all(
        namespaces.map((name) => world.kube.delete(clusterVaultConnections, { name })),
      );
      await stage.clear();
      await installation.remove();
    },
  };
}

function argumentsFor(
  { kubeconfig, namespace }: Installation,
  watched: readonly string[] = [],
): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--lease-namespace=${namespace}`,
    ...watched.map((name) => `--watch-namespace=${name}`),
  ];
}

function teamAt(teams: readonly Team[], index: number): Team {
  const team = teams[index];
  if (team === undefined) throw new Error(`there are ${teams.length} teams`);
  return team;
}
