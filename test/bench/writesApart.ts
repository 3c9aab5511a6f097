import type { RecordedWrite } from '../testbed/controlPlane/auditLog.ts';

/** Counted apart by design: they keep a replica in office and its tokens fresh, whatever the VaultSecrets do. */
const apart: ReadonlySet<string> = new Set(['leases', 'serviceaccounts/token']);

/** Of the user's writes since then, those that a change of something must explain. */
export function writesSince(
  writes: readonly RecordedWrite[],
  sinceMs: number,
): readonly RecordedWrite[] {
  return writes.filter(({ resource, at }) => !apart.has(resource) && Date.parse(at) >= sinceMs);
}

/** Without the one write of each kind that a rotation explains: its Secret, its status, an event. */
export function withoutRotation(
  writes: readonly RecordedWrite[],
  { namespace, name }: { readonly namespace: string; readonly name: string },
): readonly RecordedWrite[] {
  const rest = [...writes];
  for (const resource of ['secrets', 'vaultsecrets/status', 'events']) {
    const index = rest.findIndex(
      (write) =>
        write.resource === resource &&
        write.namespace === namespace &&
        // The name of an event is made up by the API server, which the audit log does not show.
        (write.name === name || resource === 'events'),
    );
    if (index >= 0) rest.splice(index, 1);
  }
  return rest;
}
