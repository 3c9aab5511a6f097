import { isDeepStrictEqual } from 'node:util';
import { apiVersion } from '../api/meta.ts';
import { namespacedName } from '../core/namespacedName.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import type { EventNote } from '../ports/kube.ts';
import type { VaultSecretMetrics } from '../ports/metrics.ts';
import type { Clock, Log } from '../ports/system.ts';
import type { Change } from './triggers.ts';

export interface OtherControllersDeps {
  /** What we sign statuses with. */
  readonly controllerName: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly publish: (event: EventNote) => void;
  readonly metrics: Pick<VaultSecretMetrics, 'foreignStatusSeen'>;
}

/** Each is told of so often: there may be thousands of VaultSecrets. */
const quietMs = 600_000;

/**
 * Watches for another controller that serves the same VaultSecrets. Rights of namespaces show no other release, but a
 * status tells who wrote it: one that is written while we look, by somebody who lives.
 */
export function createOtherControllers(deps: OtherControllersDeps) {
  const { controllerName, clock, log } = deps;
  const reportedAt = new Map<string, number>();
  const isNews = (what: string): boolean => {
    const now = clock.elapsed();
    for (const [known, at] of reportedAt) if (now - at >= quietMs) reportedAt.delete(known);
    if (reportedAt.has(what)) return false;
    reportedAt.set(what, now);
    return true;
  };
  return ({ type, object: { body }, previous, initial }: Change<VaultSecret>): void => {
    const { controller } = body.status;
    if (type === 'deleted' || controller === undefined || controller === controllerName) return;
    const fields = { controller, vaultSecret: namespacedName(body) };
    if (initial) {
      if (isNews(`before ${controller}`)) log.warn('served before by another controller', fields);
      return;
    }
    const isWritten =
      previous !== undefined && !isDeepStrictEqual(previous.body.status, body.status);
    if (!isWritten) return;
    deps.metrics.foreignStatusSeen(clock.now());
    if (!isNews(controller)) return;
    log.error('another controller serves the same VaultSecrets', fields);
    deps.publish(eventOf(body, controller, controllerName));
  };
}

function eventOf(
  { namespace, name, uid }: VaultSecret,
  other: string,
  controllerName: string,
): EventNote {
  return {
    subject: { apiVersion, kind: 'VaultSecret', namespace, name, uid },
    type: 'Warning',
    reason: 'TwoControllers',
    action: 'Watch',
    note: `Two controllers work on this VaultSecret, ${controllerName} and ${other} (NAMESPACE/LEASE). Uninstall one of the releases, or give each namespaces of its own.`,
  };
}
