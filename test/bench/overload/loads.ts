import type { VaultFaults } from '../../testbed/azureAdmin.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { metricSum } from '../exposition.ts';
import { createFleet } from '../fleet.ts';
import { forEachAtOnce } from '../pool.ts';
import { startUnreachablePort } from './unreachablePort.ts';

/** What other tenants ask for. */
export interface Load {
  /** Values of --resolve that the controller needs for it. */
  readonly resolve?: readonly string[];
  /** Creates it while the controller runs: what is there at its start waits behind what comes later. */
  create(): Promise<void>;
  /** Said of it when the last sample is created. */
  describe?(controller: ControllerProcess): Promise<string>;
  close?(): Promise<void>;
}

export interface DeadHosts {
  readonly hosts: number;
  readonly vaultSecretsEach: number;
  readonly tenants?: number;
}

const setupAtOnce = 8;
const writesAtOnce = 32;

/** Vaults that accept connections and answer no TLS handshake. */
export async function silentHosts(world: World, options: DeadHosts): Promise<Load> {
  const names = vaultNames(options);
  await world.azure.createVaults(...names.map((name) => ({ name })));
  await forEachAtOnce(names, setupAtOnce, (name) =>
    world.azure.setVaultFaults(name, { silent: true }),
  );
  return { create: () => createVaultSecrets(world, options) };
}

/** Vaults whose hosts open no connection. */
export async function unreachableHosts(world: World, options: DeadHosts): Promise<Load> {
  const unreachable = await startUnreachablePort();
  return {
    resolve: vaultNames(options).map((name) => `${hostOf(name)}=127.0.0.1:${unreachable.port}`),
    create: () => createVaultSecrets(world, options),
    close: () => unreachable.close(),
  };
}

/** One tenant's VaultSecrets on one vault that has these faults. */
export async function busyVault(
  world: World,
  { objects, faults = {} }: { objects: number; faults?: VaultFaults },
): Promise<Load> {
  const vault = await world.stage.createVault('busy');
  await world.azure.setVaultFaults(vault, faults);
  return {
    async create() {
      await createFleet(world, { objects, vault, identities: 1 });
    },
    async describe(controller) {
      const written = metricSum(await controller.metrics(), 'vaultsecret_status_writes_total');
      const { vaults } = await world.azure.requestCounts();
      const peak = vaults.find((counted) => counted.vault === vault)?.peakPer10Seconds ?? 0;
      return `${written} statuses written when the last one was created; at most ${peak} requests in 10 s`;
    },
  };
}

async function createVaultSecrets(world: World, options: DeadHosts): Promise<void> {
  const { vaultSecretsEach, tenants: tenantCount = 1 } = options;
  const teams: Team[] = [];
  for (let count = 0; count < tenantCount; count += 1) {
    teams.push(await world.stage.createTeam());
  }
  const planned = vaultNames(options).flatMap((vault, index) =>
    Array.from({ length: vaultSecretsEach }, (_, number) => ({
      team: teams[index % teams.length],
      vaultUrl: `https://${hostOf(vault)}`,
      name: `${vault}-${number}`,
    })),
  );
  const data = [{ dataKey: 'ANY', secret: { name: 'any' } }];
  await forEachAtOnce(planned, writesAtOnce, async ({ team, vaultUrl, name }) => {
    if (team !== undefined)
      await world.stage.createVaultSecret({ ...team, vaultUrl }, name, { data });
  });
}

function vaultNames({ hosts }: DeadHosts): string[] {
  return Array.from({ length: hosts }, (_, index) => `dead-${index}`);
}

function hostOf(vault: string): string {
  return `${vault}.vault.azure.net`;
}
