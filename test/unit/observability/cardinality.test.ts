import { expect, test } from 'vitest';
import { surveyFleet } from '../../../src/core/status/fleet.ts';
import { createMetrics, type Metrics } from '../../../src/observability/metrics.ts';
import { aVaultSecret } from '../core/builders.ts';

const operations = ['get', 'listVersions', 'getDeleted'];
const identityKinds = [
  'workloadIdentity',
  'controllerWorkloadIdentity',
  'managedIdentity',
  'clientSecret',
  'clientCertificate',
];
const resources = [
  'vaultsecrets',
  'vaultconnections',
  'clustervaultconnections',
  'secrets',
  'credentials',
  'serviceaccounts',
  'namespaces',
];
const codes = ['200', '401', '403', '404', '429', '500', '503', 'unreachable'];

interface Load {
  readonly vaultSecrets: number;
  readonly vaults: number;
}

/** How many series there are at most of so many VaultSecrets over so many vaults. */
async function seriesOf({ vaultSecrets, vaults }: Load): Promise<number> {
  const metrics = createMetrics('1');
  exercise(metrics);
  for (let index = 0; index < vaults; index += 1) exerciseVault(metrics, `vault-${index}`);
  const fleet = Array.from({ length: vaultSecrets }, (_, index) =>
    aVaultSecret({ name: `app-${index}` }),
  );
  metrics.fleet(() => surveyFleet(fleet));
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).length;
}

/** Whatever may be said apart from vaults, in each of its ways. */
function exercise(metrics: Metrics): void {
  for (const name of ['vaultsecret', 'clustervaultconnection']) {
    metrics.workqueue(name).waited(1);
    metrics.controller(name).reconciled('success', 1);
  }
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    for (const code of [...codes, '201', '409', '422', '<error>'])
      metrics.apiServer.requested(method, code, '10.0.0.1:443');
  for (const kind of identityKinds) {
    for (const result of ['success', 'error'] as const) metrics.token.requested(kind, result);
    metrics.token.obtained(kind, 1);
  }
  for (const resource of resources) {
    metrics.informer.objects(resource, 1);
    metrics.informer.relisted(resource);
    metrics.informer.heard(resource, 1);
  }
  metrics.certificates(() => [1]);
}

function exerciseVault(metrics: Metrics, name: string): void {
  const host = `${name}.vault.azure.net`;
  for (const operation of operations)
    for (const code of codes) metrics.keyVault.requested(host, operation, code, 0.1);
  metrics.keyVault.throttled(host, 1);
  metrics.keyVault.budgetLeft(host, 1);
  metrics.net.breaker(host, true);
}

test('10,000 VaultSecrets have no more series than one, since none is named', async () => {
  expect(await seriesOf({ vaultSecrets: 10_000, vaults: 10 })).toBe(
    await seriesOf({ vaultSecrets: 1, vaults: 10 }),
  );
});

test('a vault adds at most 70 series, all the rest is at most 300', async () => {
  const none = await seriesOf({ vaultSecrets: 10, vaults: 0 });
  const ten = await seriesOf({ vaultSecrets: 10, vaults: 10 });

  expect(none).toBeLessThanOrEqual(300);
  expect((ten - none) / 10).toBeLessThanOrEqual(70);
});

test('after 200 vaults no further one adds any: their requests are counted together', async () => {
  const more = await seriesOf({ vaultSecrets: 10, vaults: 201 });

  expect(more).toBeLessThanOrEqual(14_500);
  expect(await seriesOf({ vaultSecrets: 10, vaults: 10_000 })).toBe(more);
});
