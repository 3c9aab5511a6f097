import { Vault, type VaultDeps } from './vault.ts';

/** So many vaults are kept, whatever names VaultSecrets bring, before those that are idle are dropped. */
const mostIdle = 1_000;

/** One object for each vault, by its host, for all who ask it. */
export interface Vaults {
  of(host: string): Vault;
}

export function createVaults(deps: VaultDeps): Vaults {
  /** In the order of their last use. */
  const vaults = new Map<string, Vault>();
  const prune = (): void => {
    for (const [host, vault] of vaults) {
      if (vaults.size <= mostIdle) return;
      if (!vault.isIdle) continue;
      vaults.delete(host);
      deps.metrics.budgetLeft(host, undefined);
    }
  };
  return {
    of(host) {
      const vault = vaults.get(host) ?? new Vault(host, deps);
      vaults.delete(host);
      vaults.set(host, vault);
      if (vaults.size > mostIdle) prune();
      return vault;
    },
  };
}
