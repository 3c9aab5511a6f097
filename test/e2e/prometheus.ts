import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { startChildProcess } from '../testbed/childProcess.ts';
import { findFreePorts } from '../testbed/freePorts.ts';
import type { Pod } from '../testbed/kubeResources.ts';
import { controllerPods } from './controllerPods.ts';
import { openPodPort, type PodPort } from './podPort.ts';
import { metricsPort, releaseName } from './release.ts';
import { readSite } from './site.ts';
import { until } from './until.ts';
import type { E2eWorld } from './world.ts';

const targets = z.object({
  activeTargets: z.array(
    z.object({
      health: z.string(),
      lastError: z.string(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
});
const rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() }),
      ),
    }),
  ),
});
const alerts = z.object({
  alerts: z.array(
    z.object({
      state: z.string(),
      labels: z.looseObject({ alertname: z.string() }),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});
const query = z.object({ result: z.array(z.unknown()) });

export type Target = z.infer<typeof targets>['activeTargets'][number];
export type RuleGroup = z.infer<typeof rules>['groups'][number];

export interface Alert {
  readonly name: string;
  /** `pending` or `firing`. */
  readonly state: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/ */
export interface Prometheus {
  targets(): Promise<Target[]>;
  ruleGroups(): Promise<RuleGroup[]>;
  alerts(): Promise<Alert[]>;
  /** How many series the query answers now. @throws Error when it is not understood */
  seriesOf(expression: string): Promise<number>;
  stop(): Promise<void>;
}

/** What is scraped of each replica. */
export interface Scraping {
  readonly port: number;
  /** By name, with what Prometheus needs beside the targets. */
  readonly jobs: Readonly<Record<string, object>>;
}

const openly: Scraping = { port: metricsPort, jobs: { [releaseName]: {} } };

export async function startPrometheus(
  world: E2eWorld,
  ruleGroups: readonly unknown[] = [],
  { port, jobs }: Scraping = openly,
): Promise<Prometheus> {
  const site = readSite();
  const directory = await mkdtemp(join(site.directory, 'prometheus-'));
  const replicas = await Promise.all((await controllerPods(world)).map(replicaOf(world, port)));
  const [ownPort = 0] = await findFreePorts(1);
  const address = `127.0.0.1:${ownPort}`;
  const get = getOf(address);
  const configFile = join(directory, 'prometheus.yaml');
  await writeFile(join(directory, 'rules.yaml'), stringify({ groups: ruleGroups }));
  await writeFile(configFile, stringify(configOf(jobs, replicas.map(targetOf))));
  const prometheus = await startChildProcess({
    name: 'prometheus',
    command: site.tools.prometheus,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=${address}`,
    ],
    logFile: join(directory, 'prometheus.log'),
  });
  await prometheus.whileAlive(
    until('Prometheus to be ready', 30_000, async () => {
      const answer = await fetch(`http://${address}/-/ready`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    }),
  );
  return {
    targets: async () => targets.parse(await get('/targets')).activeTargets,
    ruleGroups: async () => rules.parse(await get('/rules')).groups,
    alerts: async () =>
      alerts.parse(await get('/alerts')).alerts.map(({ labels, state, annotations }) => ({
        name: labels.alertname,
        state,
        annotations,
      })),
    seriesOf: async (expression) =>
      query.parse(await get(`/query?query=${encodeURIComponent(expression)}`)).result.length,
    async stop() {
      await Promise.all([prometheus.kill(), ...replicas.map(({ port }) => port.close())]);
    },
  };
}

const getOf =
  (address: string) =>
  async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://${address}/api/v1${path}`);
    const body = z
      .object({ status: z.string(), data: z.unknown(), error: z.string().optional() })
      .parse(await answer.json());
    if (body.status !== 'success') throw new Error(`Prometheus: ${body.error ?? answer.status}`);
    return body.data;
  };

interface Replica {
  readonly pod: Pod;
  readonly port: PodPort;
}

const replicaOf =
  (world: E2eWorld, port: number) =>
  async (pod: Pod): Promise<Replica> => ({
    pod,
    port: await openPodPort(world, pod, port),
  });

/** Debian's Prometheus is built without the discovery of Kubernetes, so it is told of the pods. */
function targetOf({ pod: { metadata }, port }: Replica): object {
  const { namespace, name: pod } = metadata;
  return { targets: [port.address], labels: { namespace, pod } };
}

function configOf(jobs: Scraping['jobs'], replicas: readonly object[]): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: Object.entries(jobs).map(([job_name, more]) => ({
      job_name,
      static_configs: replicas,
      ...more,
    })),
  };
}
