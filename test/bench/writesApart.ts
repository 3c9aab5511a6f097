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
