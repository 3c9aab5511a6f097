import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { disallowMetrics } from '../../support/metricsAccess.ts';
import { startApiServerProxy, type ApiServerProxy } from '../../testbed/apiServerProxy.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { findFreePorts } from '../../testbed/freePorts.ts';
import { clusterRoles, clusterVaultConnections } from '../../testbed/kubeResources.ts';
import { createStage, type Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { createMetricsCertificate, type MetricsCertificate } from '../metricsCertificate.ts';
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
  const certificate = await createMetricsCertificate();
  const answers = new Answers();
  proxy.heard = (answer) => answers.hear(answer);
  return {
    answers,
    begin: async (options) => begin(world, { proxy, answers, certificate }, options),
    async close() {
      await certificate.remove();
      await proxy.close();
      await rm(directory, { recursive: true });
    },
  };
}

interface Shared {
  readonly proxy: ApiServerProxy;
  readonly answers: Answers;
  readonly certificate: MetricsCertificate;
}

async function begin(
  world: World,
  { proxy, answers, certificate }: Shared,
  { isNamespaced, leaderElect, arrange, ...options }: TrialOptions,
): Promise<Trial> {
  const stage = createStage(world.kube, world.azure, world.testbed);
  const teams = await Promise.all(
    Array.from({ length: options.teams }, async () => stage.createTeam()),
  );
  const namespaces = teams.map(({ namespace }) => namespace);
  const own = { ...world, stage };
  const watched = isNamespaced ? { namespaces } : {};
  const installation = await install(own, { ...options, ...watched, way: proxy.kubeconfig });
  const lease = leaseOf(installation);
  await arrange?.({ world, lease });
  const [port = 0] = await findFreePorts(1);
  const controller = await world.startController({
    leaderElect,
    args: [
      ...argumentsFor(installation, watched.namespaces),
      `--metrics-listen=127.0.0.1:${port}`,
      `--metrics-cert-dir=${certificate.directory}`,
    ],
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
      scrape: async (token) => (await certificate.scrape(port, token)).status,
      untilAsked: async (matches) =>
        answers.untilAsked((url) => url.includes(installation.namespace) && matches(url)),
      countAsked: (method, matches) =>
        answers.countAsked(
          (answer) =>
            answer.method === method &&
            answer.url.includes(installation.namespace) &&
            matches(answer.url),
        ),
    }),
    async end() {
      await controller.end('SIGKILL');
      await Promise.all(namespaces.map(async (name) => forget(world, name)));
      await stage.clear();
      await installation.remove();
    },
  };
}

/** What scenarios made in the cluster for a team. */
async function forget({ kube }: World, namespace: string): Promise<void> {
  await kube.delete(clusterVaultConnections, { name: namespace });
  await kube.delete(clusterRoles, { name: `metrics-${namespace}` });
  await disallowMetrics(kube, namespace);
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
