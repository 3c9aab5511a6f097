import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import type { ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import type { ObjectName } from '../../../src/ports/kube.ts';
import type { Clock } from '../../../src/ports/system.ts';
import { ownersOf } from '../../../src/reconcilers/clusterCache.ts';
import { aServiceAccount, aVaultSecret } from '../core/builders.ts';
import { createSecretServer, type SecretServer } from '../reconcilers/secretServer.ts';
import { createVaultSecretClient } from '../reconcilers/vaultSecretClient.ts';

const writeMs = 30;

/** One namespace with its VaultSecrets and Secrets, as the API server and the informers have them. */
export class Tenant {
  readonly namespace: string;
  readonly vaultSecrets = new Map<string, VaultSecret>();
  readonly server: SecretServer;
  readonly serviceAccount;
  /** Of Secrets and statuses. */
  writes = 0;
  readonly #clock: Clock;

  constructor(namespace: string, clock: Clock) {
    this.namespace = namespace;
    this.#clock = clock;
    this.server = createSecretServer(clock);
    this.serviceAccount = aServiceAccount({ uid: `sa-${namespace}` });
  }

  /** A write holds its worker until the API server answers. */
  async written(): Promise<void> {
    this.writes += 1;
    await this.#clock.sleep(writeMs);
  }

  put(name: string, spec: Partial<VaultSecretSpec>): void {
    const before = this.vaultSecrets.get(name);
    const fresh = aVaultSecret({
      namespace: this.namespace,
      name,
      uid: `${this.namespace}-${name}-${this.#clock.elapsed()}`,
      createdAt: this.#clock.now(),
      spec,
    });
    const edited = before && { ...before, spec: fresh.spec, generation: before.generation + 1 };
    this.vaultSecrets.set(name, edited ?? fresh);
  }

  client() {
    return createVaultSecretClient({
      find: (name) => this.vaultSecrets.get(name),
      put: (vaultSecret) => void this.vaultSecrets.set(vaultSecret.name, vaultSecret),
      drop: (name) => void this.vaultSecrets.delete(name),
      write: async (_what, act) => {
        await this.written();
        return act();
      },
      onGet: () => undefined,
    });
  }

  secret(name: string): ObservedSecret | undefined {
    return this.#watched(name)[0];
  }

  secretsOf({ namespace, name }: ObjectName): readonly ObservedSecret[] {
    // No VaultSecret here names another Secret than its own.
    return this.#watched(name).filter((one) => ownersOf(one).includes(`${namespace}/${name}`));
  }

  wanting(name: string): readonly VaultSecret[] {
    const own = this.vaultSecrets.get(name);
    return own === undefined ? [] : [own];
  }

  #watched(name: string): readonly ObservedSecret[] {
    return this.server.watched([name]).map(({ body }) => ({ ...body, namespace: this.namespace }));
  }
}
