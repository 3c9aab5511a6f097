import { AdminError } from './adminInput.ts';
import { cloudNameOf } from './entraDirectory.ts';
import type { StandInCloud } from './standInClouds.ts';
import type { StandInState } from './standInState.ts';

export function cloudOf({ clouds }: StandInState, name: string): StandInCloud {
  const cloud = clouds.named(name);
  if (cloud === undefined) throw new AdminError(400, `Field cloud: there is no cloud ${name}.`);
  return cloud;
}

/** A vault lives in the cloud of its tenant; a tenant that is new here is of the cloud that is named. */
export function cloudOfVault(state: StandInState, tenantId: string, name?: string): StandInCloud {
  const known = state.directory.tenant(tenantId);
  const cloudName = name ?? cloudNameOf(known);
  if (known !== undefined && cloudNameOf(known) !== cloudName)
    throw new AdminError(400, `Field cloud: tenant ${tenantId} is of ${cloudNameOf(known)}.`);
  const cloud = cloudOf(state, cloudName);
  state.directory.addTenant({ tenantId, cloud: cloudName });
  return cloud;
}
