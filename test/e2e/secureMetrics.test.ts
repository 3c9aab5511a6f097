import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { allowMetrics, disallowMetrics } from '../support/metricsAccess.ts';
import { createCertificateAuthority } from '../testbed/azure/certificateAuthority.ts';
import { secrets, serviceAccounts } from '../testbed/kubeResources.ts';
import { releaseNamespace as namespace } from './ourNamespaces.ts';
import { startPrometheus, type Prometheus, type Target } from './prometheus.ts';
import { createRestrictedNamespace, install, releaseName, uninstall } from './release.ts';
import { readSite } from './site.ts';
import { until } from './until.ts';
import { openWorld } from './world.ts';

const world = openWorld(inject('cluster'));
const { kube } = world;
const certificateSecret = 'metrics-tls';
const authority = createCertificateAuthority('metrics');
const serverName = `${releaseName}-metrics.${namespace}.svc`;
let prometheus: Prometheus;

beforeAll(async () => {
  await createRestrictedNamespace(world, namespace);
  const { cert, key } = authority.leaf(serverName);
  await kube.create(secrets, {
    metadata: { namespace, name: certificateSecret },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': cert, 'tls.key': key },
  });
  await install(world, { values: { metrics: { secure: { enabled: true, certificateSecret } } } });
  const reader = await tokenOf('reader');
  const at = { namespace, name: 'reader' };
  await allowMetrics(kube, at, `${namespace}-${releaseName}-metrics-reader`);
  const ca_file = join(readSite().directory, 'metrics-ca.crt');
  await writeFile(ca_file, authority.certificatePem);
  const trusting = { ca_file, server_name: serverName };
  const job = (credentials: string, tls_config: object) => ({
    scheme: 'https',
    authorization: { credentials },
    tls_config,
  });
  prometheus = await startPrometheus(world, [], {
    port: 8443,
    jobs: {
      reader: job(reader, trusting),
      stranger: job(await tokenOf('stranger'), trusting),
      nobody: job('none', trusting),
      mistrusting: job(reader, { server_name: serverName }),
    },
  });
});
afterAll(async () => {
  await prometheus.stop();
  await disallowMetrics(kube, namespace);
  await kube.delete(secrets, { namespace, name: certificateSecret });
  await uninstall(world);
  await world.close();
});

async function tokenOf(name: string): Promise<string> {
  const at = { namespace, name };
  await kube.apply(serviceAccounts, { metadata: at });
  return kube.requestToken(at);
}

/** What Prometheus says of both replicas, once it has scraped them. */
const targetsOf = (job: string): Promise<Target[]> =>
  until(`the targets of ${job}`, 30_000, async () => {
    const found = (await prometheus.targets()).filter(({ labels }) => labels['job'] === job);
    const isScraped = found.length === 2 && found.every(({ health }) => health !== 'unknown');
    return isScraped ? found : undefined;
  });

test('Prometheus reads the secure metrics with a token of whom the ClusterRole is bound to', async () => {
  const up = await until('both targets to be up', 30_000, async () => {
    const found = await targetsOf('reader');
    return found.every(({ health }) => health === 'up') ? found : undefined;
  });
  expect(up).toHaveLength(2);
  expect(await prometheus.seriesOf('vaultsecret_build_info')).toBe(2);
});

test.each([
  ['with a token that may not get them', 'stranger', '403 Forbidden'],
  ['with a token that is none', 'nobody', '401 Unauthorized'],
  ['when it does not know the authority of the certificate', 'mistrusting', 'x509'],
])('it reads nothing %s', async (_, job, problem) => {
  const targets = await targetsOf(job);
  expect(targets.map(({ health, lastError }) => ({ health, lastError }))).toEqual([
    { health: 'down', lastError: expect.stringContaining(problem) },
    { health: 'down', lastError: expect.stringContaining(problem) },
  ]);
});
