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

/**
 * By client, object or resource id; without any the system-assigned one, or the only one. The host
 * is one to which every managed identity of the directory is assigned, but for those that a switch takes from it.
 */
export function identityFor(
  { directory, faults }: HostTokenDeps,
  query: URLSearchParams,
): Application | undefined {
  const { unassigned = [], answerAs } = faults();
  if (answerAs !== undefined) return directory.application(answerAs);
  const identities = [...directory.applications()].filter(
    ({ kind, disabled, clientId }) =>
      kind !== 'application' && !disabled && !unassigned.includes(clientId),
  );
  for (const [name, idOf] of Object.entries(selectors)) {
    const asked = query.get(name)?.toLowerCase();
    if (asked !== undefined) {
      return identities.find((identity) => idOf(identity).toLowerCase() === asked);
    }
  }
  const system = identities.find(({ kind }) => kind === 'systemAssignedIdentity');
  return system ?? (identities.length === 1 ? identities[0] : undefined);
}
