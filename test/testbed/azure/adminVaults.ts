import { AdminError, type SecretInput } from './adminInput.ts';
import { secretId } from './secretBundles.ts';
import { refuseState } from './secretOperations.ts';
import type { StandInState } from './standInState.ts';
import { putVersion, type SecretVersion, type StoredSecret, type Vault } from './vaultStore.ts';

export function vaultOf(state: StandInState, name: string): Vault {
  const vault = state.vaults.get(name.toLowerCase());
  if (vault === undefined) throw new AdminError(404, `Field vault: there is no vault ${name}.`);
  return vault;
}

/** In whatever state it is, deleted included. */
export function secretOf(vault: Vault, name: string): StoredSecret {
  const secret = vault.secrets.get(name.toUpperCase());
  if (secret !== undefined) return secret;
  const { name: vaultName } = vault.settings;
  throw new AdminError(404, `Field secret: vault ${vaultName} has no secret ${name}.`);
}

/** The newest version, unless another is asked for. */
export function versionOf(secret: StoredSecret, id: string | undefined): SecretVersion {
  const version = id === undefined ? secret.newest : secret.versions.get(id);
  if (version !== undefined) return version;
  throw new AdminError(404, `Field version: secret ${secret.name} has no version ${id}.`);
}

/** Puts one version past every grant; the state of the name binds the admin too. */
export function putSecret(
  state: StandInState,
  vault: Vault,
  name: string,
  { created, ...input }: SecretInput,
): { id: string; version: string } {
  const nowMs = state.now();
  const refusal = refuseState(vault, name, nowMs);
  if (refusal !== undefined) throw new AdminError(409, `Field name: ${refusal.message}`);
  const version = putVersion(vault, name, input, created ?? Math.floor(nowMs / 1000));
  return { id: secretId(vault, name, version.id), version: version.id };
}
