import type { HostHealth } from '../ports/lanes.ts';
import type { NetMetrics } from '../ports/metrics.ts';
import type { Clock } from '../ports/system.ts';
import { Host, type Signal } from './host.ts';

/** So many requests together try hosts that are down; each holds memory and a socket until its time is out. */
const maxProbes = 64;
/** Hosts that answered once, whatever names users bring; of more, the oldest are unknown again. */
const maxProven = 10_000;

/**
 * Keeps a host that hangs or is down from costing the requests to all others.
 * Guarantees: requests to one host wait for a place among those under way, and a slow answer fails none of them; a host
 * that keeps failing gets a single request at a time, after pauses that double, and all others fail at once.
 */
export interface HostBreaker {
  /** `exchange` resolves with any answer, rejects without one. @throws NotAnsweringError, the signal's reason */
  run<T>(hostname: string, exchange: () => Promise<T>, signal?: Signal): Promise<T>;
  healthOf(hostname: string): HostHealth;
}

export function createHostBreaker(clock: Clock, metrics: NetMetrics): HostBreaker {
  const hosts = new Map<string, Host>();
  const proven = new Set<string>();
  let probes = 0;
  const remember = (hostname: string): void => {
    proven.add(hostname);
    for (const oldest of proven) {
      if (proven.size <= maxProven) return;
      proven.delete(oldest);
    }
  };
  const hostOf = (hostname: string): Host =>
    hosts.get(hostname) ??
    new Host(clock, proven.has(hostname), {
      proven: () => remember(hostname),
      state: (isOpen) => metrics.breaker(hostname, isOpen),
      idle: () => hosts.delete(hostname),
    });
  return {
    healthOf: (hostname) =>
      hosts.get(hostname)?.health ?? (proven.has(hostname) ? 'answering' : 'unknown'),
    async run(hostname, exchange, signal) {
      const host = hostOf(hostname);
      hosts.set(hostname, host);
      const isProbe = host.health === 'down';
      if (isProbe && probes >= maxProbes) throw host.notAnswering();
      if (isProbe) probes += 1;
      try {
        return await host.run(exchange, signal);
      } finally {
        if (isProbe) probes -= 1;
      }
    },
  };
}
