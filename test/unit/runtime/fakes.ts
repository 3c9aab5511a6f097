import type { KubeObject, ObjectMeta } from '../../../src/ports/kube.ts';
import type { WorkqueueMetrics } from '../../../src/ports/metrics.ts';
import type { Log, LogFields, Random } from '../../../src/ports/system.ts';

export interface LogLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** A log that keeps its lines. */
export function createMemoryLog(
  lines: LogLine[] = [],
  context: LogFields = {},
): Log & { readonly lines: readonly LogLine[] } {
  const at = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, ...context, ...fields });
  };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => createMemoryLog(lines, { ...context, ...fields }),
  };
}

/** Always the middle of the range. */
export const evenRandom: Random = () => 0.5;

export interface QueueFigures extends WorkqueueMetrics {
  readonly depths: number[];
  readonly waits: number[];
  counts: { added: number; retried: number };
}

export function createQueueFigures(): QueueFigures {
  const counts = { added: 0, retried: 0 };
  const depths: number[] = [];
  const waits: number[] = [];
  return {
    counts,
    depths,
    waits,
    added: () => (counts.added += 1),
    retried: () => (counts.retried += 1),
    depth: (size) => depths.push(size),
    waited: (seconds) => waits.push(seconds),
  };
}

export interface Thing extends KubeObject {
  readonly color: string;
}

/** An object of namespace `ns`. Its uid is its name, unless told otherwise. */
export function aThing(
  name: string,
  resourceVersion: string,
  more: Partial<ObjectMeta> & { readonly color?: string } = {},
): Thing {
  const { color = 'red', ...metadata } = more;
  return { color, metadata: { namespace: 'ns', name, uid: name, resourceVersion, ...metadata } };
}
