import type { Application } from './entraDirectory.ts';
import type { HostTokenDeps } from './hostTokens.ts';

/** Query parameters by which hosts let a workload name one of their identities. */
const selectors: Readonly<Record<string, (identity: Application) => string>> = {
  client_id: ({ clientId }) => clientId,
  clientid: ({ clientId }) => clientId,
  object_id: ({ objectId }) => objectId,
  principal_id: ({ objectId }) => objectId,
  mi_res_id: ({ resourceId }) => resourceId,
  msi_res_id: ({ resourceId }) => resourceId,
};

export type IdentityChoice =
  | { kind: 'found'; identity: Application }
  /** None has the id that was asked for. */
  | { kind: 'notNamed' }
  /** None is there, or several of which none is the system's. */
  | { kind: 'none' }
  | { kind: 'several' };

/**
 * By client, object or resource id; without any the system-assigned one, or the only one. The host
 * is one to which every managed identity of the directory is assigned, but for those that a switch takes from it.
 */
export function chooseIdentity(
  { directory, faults }: HostTokenDeps,
  query: URLSearchParams,
): IdentityChoice {
  const { unassigned = [], answerAs } = faults();
  if (answerAs !== undefined) return found(directory.application(answerAs), 'none');
  const identities = [...directory.applications()].filter(
    ({ kind, disabled, clientId }) =>
      kind !== 'application' && !disabled && !unassigned.includes(clientId),
  );
  for (const [name, idOf] of Object.entries(selectors)) {
    const asked = query.get(name)?.toLowerCase();
    if (asked !== undefined) {
      const named = identities.find((identity) => idOf(identity).toLowerCase() === asked);
      return found(named, 'notNamed');
    }
  }
  const system = identities.find(({ kind }) => kind === 'systemAssignedIdentity');
  if (system === undefined && identities.length > 1) return { kind: 'several' };
  return found(system ?? identities[0], 'none');
}

const found = (identity: Application | undefined, otherwise: 'notNamed' | 'none'): IdentityChoice =>
  identity === undefined ? { kind: otherwise } : { kind: 'found', identity };

export function identityFor(deps: HostTokenDeps, query: URLSearchParams): Application | undefined {
  const choice = chooseIdentity(deps, query);
  return choice.kind === 'found' ? choice.identity : undefined;
}
