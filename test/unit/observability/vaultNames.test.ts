import { beforeEach, describe, expect, test } from 'vitest';
import { createMetrics, type Metrics } from '../../../src/observability/metrics.ts';
import { mostVaults } from '../../../src/observability/vaultNames.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { exerciseVault } from './exercise.ts';

let clock: ManualClock;
let metrics: Metrics;

beforeEach(() => {
  clock = createManualClock(0);
  metrics = createMetrics('1', clock);
});

/** The text of the metrics: the lines that name this vault. */
async function linesOf(vault: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text
    .split('\n')
    .filter((line) => line.startsWith('vaultsecret_keyvault') && line.includes(`vault="${vault}"`));
}

function nameOthers(from: number, count: number): void {
  for (let index = from; index < from + count; index += 1)
    metrics.keyVault.requested(`tenant-${index}.vault.azure.net`, 'get', '200', 0.1);
}

const mine = 'mine.vault.azure.net';
const use = (): void => metrics.keyVault.requested(mine, 'get', '200', 0.1);

describe('when tenants name more vaults than have series', () => {
  test('a new vault is counted with the others, while all names are in use', async () => {
    nameOthers(0, mostVaults);
    use();

    expect(await linesOf(mine)).toEqual([]);
    expect(await linesOf('other')).not.toEqual([]);
  });

  test('it gets its name once another vault was not asked for an hour', async () => {
    nameOthers(0, mostVaults);
    await clock.advance(3_599_999);
    use();
    expect(await linesOf(mine)).toEqual([]);

    await clock.advance(1);
    use();
    expect(await linesOf(mine)).not.toEqual([]);
    expect(await linesOf('tenant-0.vault.azure.net')).toEqual([]);
  });

  test('a vault in use keeps its name, whatever else is named', async () => {
    use();
    for (let hour = 0; hour < 24; hour += 1) {
      await clock.advance(3_600_000);
      use();
      nameOthers(hour * 300, 300);
    }

    expect(await linesOf(mine)).toContain(
      `vaultsecret_keyvault_requests_total{vault="${mine}",operation="get",code="200"} 25`,
    );
  });

  test('every series of a vault goes with its name', async () => {
    exerciseVault(metrics, 'mine');
    expect((await linesOf(mine)).length).toBeGreaterThan(50);
    await clock.advance(3_600_000);
    nameOthers(0, mostVaults);

    expect(await linesOf(mine)).toEqual([]);
  });
});
