import { longestOverdueMs } from '../core/status/lateness.ts';
import type { Lateness } from '../ports/metrics.ts';
import { PRIORITY, type Workqueue } from '../ports/workqueue.ts';
import type { Memories } from '../reconcilers/memories.ts';
import type { HostLanes } from '../runtime/lanes.ts';
import type { ControllerParts } from './controllerParts.ts';

export interface LatenessParts {
  readonly queue: Workqueue;
  readonly lanes: HostLanes;
  readonly memories: Memories;
}

/** How late the work on VaultSecrets is, wherever its keys wait. */
export function latenessOf(
  { system, informers }: ControllerParts,
  { queue, lanes, memories }: LatenessParts,
): () => Lateness {
  return () => {
    const now = system.clock.now();
    const scheduled = informers.vaultSecrets
      .list()
      .map(({ body }) => ({ vaultSecret: body, memory: memories.of(body, now) }));
    const waits = [queue.longestWaits(), lanes.longestWaits()];
    const longestWaitMs = Object.entries(PRIORITY).map(([name, priority]) => {
      const ms = waits.map((byPriority) => byPriority.get(priority) ?? 0);
      return [name, Math.max(...ms)] as const;
    });
    return { overdueMs: longestOverdueMs(scheduled, now), longestWaitMs };
  };
}
