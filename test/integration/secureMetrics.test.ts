import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { tokenExchangeAudience } from '../../src/api/meta.ts';
import { allowMetrics, disallowMetrics } from '../support/metricsAccess.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { findFreePorts } from '../testbed/freePorts.ts';
import { serviceAccounts } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { applyChart, asServiceAccount, type ChartRelease } from './chartRelease.ts';
import { createMetricsCertificate, type MetricsCertificate } from './metricsCertificate.ts';
import { oneLine, outcomeOfRun } from './program.ts';

const world = openWorld(inject('testbed'));
const { kube, stage } = world;
let certificate: MetricsCertificate;
let release: ChartRelease;
let user: Awaited<ReturnType<typeof asServiceAccount>>;
let controller: ControllerProcess;
let port: number;

beforeAll(async () => {
  certificate = await createMetricsCertificate();
  const namespaces = [await stage.createNamespace()];
  const secure = { enabled: true, certificateSecret: 'metrics-tls' };
  release = await applyChart(world, { values: { namespaces, 'metrics.secure': secure } });
  user = await asServiceAccount(world, { namespace: release.namespace, name: 'vaultsecret' });
  [port = 0] = await findFreePorts(1);
  controller = await world.startController({
    args: [
      `--kubeconfig=${user.kubeconfig}`,
      ...namespaces.map((name) => `--watch-namespace=${name}`),
      `--metrics-listen=127.0.0.1:${port}`,
      `--metrics-cert-dir=${certificate.directory}`,
    ],
  });
  await controller.untilReady();
});
afterAll(async () => {
  await controller.end('SIGTERM');
  await disallowMetrics(kube, release.namespace);
  await user.close();
  await release.remove();
  await certificate.remove();
  await world.close();
});

async function tokenOf(name: string, audience?: string): Promise<string> {
  const at = { namespace: release.namespace, name };
  await kube.apply(serviceAccounts, { metadata: at });
  return kube.requestToken(at, audience === undefined ? {} : { audience });
}

/** By the ClusterRole that the chart brings for Prometheus. */
async function tokenOfPrometheus(): Promise<string> {
  const token = await tokenOf('prometheus');
  await disallowMetrics(kube, release.namespace);
  const at = { namespace: release.namespace, name: 'prometheus' };
  await allowMetrics(kube, at, `${release.namespace}-vaultsecret-metrics-reader`);
  return token;
}

describe('the metrics of a release with metrics.secure.enabled', () => {
  test('are given to whom the ClusterRole of the chart is bound', async () => {
    expect(await certificate.scrape(port, await tokenOfPrometheus())).toMatchObject({
      status: 200,
      text: expect.stringContaining('vaultsecret_build_info'),
    });
  });

  test('are refused without a token, with one that is none, and with one for others than the API server', async () => {
    for (const token of [undefined, 'none', await tokenOf('other', tokenExchangeAudience)])
      expect(await certificate.scrape(port, token)).toEqual({
        status: 401,
        text: 'send a bearer token\n',
      });
  });

  test('are refused to who may not get them', async () => {
    expect(await certificate.scrape(port, await tokenOf('stranger'))).toEqual({
      status: 403,
      text: 'needs the right to get the nonResourceURL /metrics\n',
    });
  });

  test('stand nowhere else, while the probes need no token', async () => {
    expect((await fetch(`${controller.url}/metrics`)).status).toBe(404);
    expect((await fetch(`${controller.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${controller.url}/readyz`)).status).toBe(200);
  });

  test('follow a renewed certificate without a restart', async () => {
    const token = await tokenOfPrometheus();
    await certificate.renew();
    await expect(certificate.scrape(port, token)).rejects.toThrow('certificate');

    await controller.untilLogged((line) => line.includes('metrics certificate renewed'));

    expect(await certificate.scrape(port, token)).toMatchObject({ status: 200 });
  });

  test('do not start without a certificate, and say why', async () => {
    const outcome = await outcomeOfRun(world.testbed, '--metrics-cert-dir=/nowhere');

    expect(outcome).toMatchObject(
      oneLine(
        1,
        'tls.crt and tls.key in /nowhere cannot be read; choose another with --metrics-cert-dir',
      ),
    );
  });

  test('no token that was sent stands in the log', async () => {
    const tokens = [await tokenOf('prometheus'), await tokenOf('stranger')];
    for (const token of tokens) await certificate.scrape(port, token);
    const log = controller.lines.join('\n');

    for (const token of tokens) expect(log).not.toContain(token.split('.')[2]);
  });
});
