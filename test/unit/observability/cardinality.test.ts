import { expect, test } from 'vitest';
import { surveyFleet } from '../../../src/core/status/fleet.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { aVaultSecret } from '../core/builders.ts';

const operations = ['get', 'listVersions', 'getDeleted'];
const codes = ['200', '401', '403', '404', '429', '500', '503', 'unreachable'];

/** Everything that a controller may say about so many VaultSecrets over so many vaults, the worst of it. */
async function seriesOf({
  vaultSecrets,
  vaults,
}: {
  vaultSecrets: number;
  vaults: number;
}): Promise<number> {
  const metrics = createMetrics('1');
  for (const name of ['vaultsecret', 'clustervaultconnection']) {
    metrics.workqueue(name).waited(1);
    metrics.controller(name).reconciled('success', 1);
  }
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE'])
    for (const code of [...codes, '201', '409', '422', '<error>'])
      metrics.apiServer.requested(method, code, '10.0.0.1:443');
  for (let index = 0; index < vaults; index += 1) {
    const host = `vault-${index}.vault.azure.net`;
    for (const operation of operations)
      for (const code of codes) metrics.keyVault.requested(host, operation, code, 0.1);
    metrics.keyVault.throttled(host, 1);
    metrics.keyVault.budgetLeft(host, 1);
    metrics.net.breaker(host, true);
  }
  const fleet = Array.from({ length: vaultSecrets }, (_, index) =>
    aVaultSecret({ name: `app-${index}` }),
  );
  metrics.fleet(() => surveyFleet(fleet));
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).length;
}

test('10,000 VaultSecrets have no more series than one, since none is named', async () => {
  expect(await seriesOf({ vaultSecrets: 10_000, vaults: 10 })).toBe(
    await seriesOf({ vaultSecrets: 1, vaults: 10 }),
  );
});

test('a vault adds at most 120 series, all the rest is at most 260', async () => {
  const none = await seriesOf({ vaultSecrets: 10, vaults: 0 });
  const ten = await seriesOf({ vaultSecrets: 10, vaults: 10 });

  expect(none).toBeLessThanOrEqual(260);
  expect((ten - none) / 10).toBeLessThanOrEqual(120);
});
