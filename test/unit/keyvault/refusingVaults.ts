import { randomBytes } from 'node:crypto';
import type { KeyVaultSecretRef } from '../../../src/core/source/keyVaultSecret.ts';
import type { VaultFaults } from '../../testbed/azureAdmin.ts';
import { explained, type Expected } from '../explained.ts';
import { startAzureWorld, type AdapterChange, type AzureWorld } from '../identity/azureWorld.ts';

/** Names in the explanation. */
export interface Names {
  readonly vault: string;
  readonly host: string;
  readonly client: string;
  readonly tenant: string;
}

type Act = (world: AzureWorld, names: Names) => Promise<unknown>;

/** What keeps a value from being read, and what is then said. */
export interface Refusal extends AdapterChange {
  readonly what: string;
  readonly reason: Expected['reason'];
  readonly tells: (names: Names) => readonly string[];
  /** Of the vault. */
  readonly settings?: object;
  readonly faults?: VaultFaults;
  readonly prepare?: Act;
  /** By default `password`, which is there. */
  readonly ref?: KeyVaultSecretRef;
}

export type RefusingVaults = Awaited<ReturnType<typeof startRefusingVaults>>;

export async function startRefusingVaults() {
  const world = await startAzureWorld();
  const { admin, identity } = world;

  /** With one secret, `password`, that our identity may read. */
  const createVault = async (settings: object = {}): Promise<Names> => {
    const vault = `v-${randomBytes(5).toString('hex')}`;
    const { clientId, tenantId } = identity;
    await admin.createVaults({ name: vault, ...settings });
    await admin.putSecrets(vault, { name: 'password', value: 'hunter2' });
    if ('authorization' in settings) {
      await admin.setAccessPolicies({ vault, clientId, secrets: ['get', 'list'] });
    } else {
      await admin.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
    }
    return { vault, host: `${vault}.vault.azure.net`, client: clientId, tenant: tenantId };
  };

  const requestFor = ({ host }: Names, ref: KeyVaultSecretRef = { name: 'password' }) => ({
    vaultUrl: `https://${host}`,
    identity,
    ref,
  });

  return {
    world,
    createVault,
    requestFor,
    /** Causes it, and answers the failure once its explanation is found right. */
    async refuse({ settings, prepare, faults = {}, ref, tells, ...change }: Refusal) {
      const names = await createVault(settings);
      await prepare?.(world, names);
      await admin.setVaultFaults(names.vault, faults);
      const reading = world.adapters(change).vaults.read(requestFor(names, ref));
      return explained(reading, tells(names));
    },
    close: () => world.close(),
  };
}
