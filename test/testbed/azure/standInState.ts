import { createAccessTokens, type AccessTokens } from './accessTokens.ts';
import type { ContainerRegistry } from './containerRegistry.ts';
import { createEntraDirectory, type EntraDirectory } from './entraDirectory.ts';
import type { EntraFaults, HostFaults } from './faults.ts';
import { createCapacityGauge, type CapacityGauge, type LeftCapacity } from './leftCapacity.ts';
import { createIssuerKeys, type IssuerAccess, type IssuerKeys } from './issuerKeys.ts';
import { createRequestCounts, type RequestCounts } from './requestCounts.ts';
import { createStandInClouds, type StandInClouds } from './standInClouds.ts';
import { createTransactionBudget, type TransactionBudget } from './transactionBudget.ts';
import type { Vault } from './vaultStore.ts';

/** Everything the stand-in knows, in memory; the servers and the admin API share it. */
export interface StandInState {
  readonly tenantId: string;
  readonly directory: EntraDirectory;
  readonly clouds: StandInClouds;
  /** By lower-cased name. */
  readonly vaults: Map<string, Vault>;
  /** By name. */
  readonly registries: Map<string, ContainerRegistry>;
  /** Those that can be recovered. https://learn.microsoft.com/en-us/azure/key-vault/general/soft-delete-overview */
  readonly deletedVaults: Map<string, Vault>;
  readonly tokens: AccessTokens;
  readonly issuerKeys: IssuerKeys;
  readonly counts: RequestCounts;
  readonly now: () => number;
  readonly newVersionId: () => string;
  entraFaults: EntraFaults;
  hostFaults: HostFaults;
  budgetOf(vault: Vault): TransactionBudget;
  /** One for each time the switch is set. */
  gaugeOf(left: LeftCapacity): CapacityGauge;
}

export function createStandInState(options: {
  tenantId: string;
  issuers: readonly IssuerAccess[];
  now: () => number;
  newVersionId: () => string;
}): StandInState {
  const directory = createEntraDirectory();
  directory.addTenant({ tenantId: options.tenantId });
  const budgets = new WeakMap<Vault, TransactionBudget>();
  const gauges = new WeakMap<LeftCapacity, CapacityGauge>();
  return {
    tenantId: options.tenantId,
    directory,
    clouds: createStandInClouds(),
    vaults: new Map(),
    registries: new Map(),
    deletedVaults: new Map(),
    tokens: createAccessTokens(options.now),
    issuerKeys: createIssuerKeys(options.issuers),
    counts: createRequestCounts(options.now),
    now: options.now,
    newVersionId: options.newVersionId,
    entraFaults: {},
    hostFaults: {},
    budgetOf(vault) {
      const budget = budgets.get(vault) ?? createTransactionBudget();
      budgets.set(vault, budget);
      return budget;
    },
    gaugeOf(left) {
      const gauge = gauges.get(left) ?? createCapacityGauge(left);
      gauges.set(left, gauge);
      return gauge;
    },
  };
}
