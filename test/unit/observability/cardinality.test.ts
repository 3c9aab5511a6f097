import { expect, test } from 'vitest';
import { surveyFleet } from '../../../src/core/status/fleet.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { createManualClock } from '../../support/manualClock.ts';
import { aVaultSecret } from '../core/builders.ts';
import { exercise, exerciseVault } from './exercise.ts';

interface Load {
  readonly vaultSecrets: number;
  readonly vaults: number;
}

/** How many series there are at most of so many VaultSecrets over so many vaults. */
async function seriesOf({ vaultSecrets, vaults }: Load): Promise<number> {
  const metrics = createMetrics('1', createManualClock(0));
  exercise(metrics);
  for (let index = 0; index < vaults; index += 1) exerciseVault(metrics, `vault-${index}`);
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
