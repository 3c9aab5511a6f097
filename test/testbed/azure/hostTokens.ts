import type { AccessTokens } from './accessTokens.ts';
import type { EntraDirectory } from './entraDirectory.ts';
import type { EntraFaults, HostFaults } from './faults.ts';
import type { Answer } from './httpAnswer.ts';
import { isKnownResource } from './knownResources.ts';
import type { StandInClouds } from './standInClouds.ts';

/** What the token endpoints of hosts draw on. */
export interface HostTokenDeps {
  directory: EntraDirectory;
  clouds: StandInClouds;
  tokens: AccessTokens;
  faults: () => HostFaults;
  /** Its refusals are handed on in its words. */
  entraFaults: () => EntraFaults;
  now: () => number;
  /** The file whose content an Arc agent asks back: only administrators of the host can read it. */
  arcKey: { file: string; content: string };
}

/** What one host token endpoint answers, and for whom. */
export interface HostTokenAnswer extends Answer {
  clientId?: string;
}

/** Is it a resource of any cloud? */
export function isKnownToHost({ clouds }: HostTokenDeps, resource: string): boolean {
  return clouds.all().some((cloud) => isKnownResource(cloud, resource));
}

export const managedIdentityTokenSeconds = 86_399;
