import { refreshAnnotation } from '../../src/api/meta.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team, VaultSecretInput } from '../testbed/stage.ts';
import type { E2eWorld } from './world.ts';

/** A team with one VaultSecret of one object, in sync. */
export interface Shop {
  readonly team: Team;
  readonly at: { readonly namespace: string; readonly name: string };
  /** Puts another value into Key Vault and asks for a refresh. */
  rotate(value: string): Promise<void>;
  untilValue(value: string, timeoutMs?: number): Promise<void>;
}

export async function openShop(
  { kube, azure, stage }: E2eWorld,
  value: string,
  spec: Partial<VaultSecretInput> = {},
): Promise<Shop> {
  const team = await stage.createTeam();
  const at = { namespace: team.namespace, name: 'shop' };
  const put = (text: string) => azure.putSecret(team.vault, 'db-password', { value: text });
  await put(value);
  await stage.createVaultSecret(team, at.name, {
    data: [{ dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } }],
    ...spec,
  });
  await untilCondition(kube, at, { status: 'True' }, 30_000);
  return {
    team,
    at,
    async rotate(next) {
      await put(next);
      await kube.mergePatch(vaultSecrets, at, {
        metadata: { annotations: { [refreshAnnotation]: next } },
      });
    },
    async untilValue(text, timeoutMs) {
      await untilSecret(kube, at, { DB_PASSWORD: text }, timeoutMs);
    },
  };
}
