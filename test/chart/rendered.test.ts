import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { chartDirectory, helm, renderChart, type Manifest } from '../testbed/helm.ts';
import { difference } from './difference.ts';

const valuesFiles = globSync('values/*.yaml', { cwd: import.meta.dirname }).toSorted();
const golden = (name: string): string => resolve(import.meta.dirname, `golden/${name}.yaml`);

/** Copies of files that are longer than all the rest, and have tests of their own. */
const copies = new Set(['CustomResourceDefinition', 'ValidatingAdmissionPolicy']);

function objects(manifests: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(
    manifests
      .filter(({ kind }) => !copies.has(kind))
      .map((one) => [
        [one.kind, one.metadata.namespace, one.metadata.name].filter(Boolean).join(' '),
        one,
      ]),
  );
}

/** Flags that give Helm the values of a file of test/chart/values. */
const withFile = (file: string): string[] => [`--values=${resolve(import.meta.dirname, file)}`];

describe('the chart', () => {
  let byDefault: Record<string, Manifest>;
  beforeAll(async () => {
    byDefault = objects(await renderChart());
  });

  test('renders by default as it was seen to work', async () => {
    const text = stringify(byDefault, { lineWidth: 0, singleQuote: true });

    await expect(text).toMatchFileSnapshot(golden('default'));
  });

  test.each(valuesFiles)(
    'differs from that, with %s, in nothing but what was asked for',
    async (file) => {
      const rendered = objects(await renderChart({ flags: withFile(file) }));
      const text = stringify(difference(byDefault, rendered), { lineWidth: 0, singleQuote: true });

      await expect(text).toMatchFileSnapshot(golden(basename(file, '.yaml')));
    },
  );

  test('carries the dashboard as it is, for the sidecar of Grafana', async () => {
    const values = {
      'monitoring.dashboard': { enabled: true, labels: { grafana_dashboard: '1' } },
    };
    const rendered = objects(await renderChart({ values }));

    const text = readFileSync(`${chartDirectory}/files/monitoring/dashboard.json`, 'utf8');
    expect(rendered['ConfigMap vaultsecret-system vaultsecret-dashboard']).toMatchObject({
      metadata: { labels: { grafana_dashboard: '1' } },
      data: { 'vaultsecret.json': text },
    });
  });

  test.each(valuesFiles)('passes helm lint --strict with %s', async (file) => {
    const image = '--set=image.repository=registry.example.com/vaultsecret';

    const said = await helm(['lint', '--strict', chartDirectory, image, ...withFile(file)]);

    expect(said).toContain('1 chart(s) linted, 0 chart(s) failed');
  });
});

describe('a value that cannot be used is refused in words', () => {
  test.each<[what: string, values: Record<string, unknown>, says: string | RegExp]>([
    ['a name that is not known', { colour: 2 }, /additional propert.*'?colour'? not allowed/],
    ['a name that other charts have', { replicas: 2 }, /replicas.*not set: use replicaCount/],
    ['a misspelt name in a group', { 'image.repo': 'x' }, /image.*additional propert.*repo/s],
    ['a word that is none of the list', { logLevel: 'loud' }, /logLevel.*must be one of/s],
    ['a tenant that is no UUID', { 'azure.tenantId': 'contoso' }, /tenantId.*does not match/s],
    ['a number that is too large', { maxConcurrentReconciles: 1000 }, /maximum.*256/s],
    [
      'replicas that would all lead',
      { 'leaderElection.enabled': false },
      'replicaCount above 1 needs leaderElection.enabled: two leaders would write the same Secrets',
    ],
    ['no image', { 'image.repository': '' }, 'image.repository is required'],
    [
      'an identity without its tenant',
      { 'azure.clientId': '5f0b1c1e-8f0a-4d1c-9f5b-0a4f6a1d2c3b' },
      'azure.clientId needs azure.tenantId beside it',
    ],
    [
      'identity bindings and a token that Microsoft Entra ID alone takes',
      { azure: { identityBindings: true, tokenVolume: true } },
      'azure.identityBindings needs the workload identity webhook of AKS, which projects the token for azure.clientId itself: set azure.tokenVolume: false',
    ],
    [
      'a connection without namespaces',
      { clusterVaultConnections: { prod: { vaultUrl: 'https://a' } } },
      /prod.*missing propert.*allowedNamespaces/s,
    ],
    [
      'no ServiceAccount',
      { 'serviceAccount.create': false },
      'serviceAccount.name is required when',
    ],
    [
      'a monitor that no Prometheus reads',
      { 'monitoring.api': 'aws' },
      /monitoring.api.*must be one of 'coreos', 'azure'/s,
    ],
    [
      'rules that Azure Managed Prometheus does not read',
      { 'monitoring.api': 'azure', 'monitoring.rules.enabled': true },
      'monitoring.rules.enabled has no effect with monitoring.api azure, since Azure Managed Prometheus reads no PrometheusRule: leave it off and deploy deploy/azure/vaultsecret-alerts.bicep',
    ],
    [
      'metrics behind TLS without a certificate',
      { 'metrics.secure.enabled': true },
      'metrics.secure.certificateSecret is required when metrics.secure.enabled is true',
    ],
    [
      'a PodMonitor that cannot name a token',
      {
        'metrics.secure': { enabled: true, certificateSecret: 'tls' },
        'monitoring.monitor.enabled': true,
      },
      'metrics.secure needs metrics.secure.tokenSecret for a PodMonitor and for monitoring.api azure',
    ],
    [
      'a ServiceMonitor without a Service',
      {
        'monitoring.monitor': { enabled: true, kind: 'ServiceMonitor' },
        'metrics.service.enabled': false,
      },
      'monitoring.monitor.kind ServiceMonitor needs metrics.service.enabled; PodMonitor needs no Service',
    ],
  ])('%s', async (_, values, says) => {
    await expect(renderChart({ values })).rejects.toThrow(says);
  });
});
