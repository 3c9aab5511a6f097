import type { ApiClient } from '../kube/request.ts';
import { createScrapeReviewer } from '../kube/scrapeReviewer.ts';
import type { Metrics } from '../observability/metrics.ts';
import { createExposition, type Exposition } from '../observability/exposition.ts';
import { serveSecureMetrics } from '../observability/secureMetrics.ts';
import { serveObservability, type ObservabilityServer } from '../observability/server.ts';
import type { Options } from '../options/options.ts';
import { firstHanging, type HealthCheck } from './health.ts';
import type { System } from './system.ts';

export interface ServerParts {
  readonly options: Options;
  readonly system: System;
  readonly api: ApiClient;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
  readonly checks: readonly HealthCheck[];
}

/** The probes, which the kubelet asks without a token, and the metrics beside them or behind TLS. @throws ListenError */
export async function openServers(parts: ServerParts): Promise<ObservabilityServer> {
  const { options, system, metrics, isReady, checks } = parts;
  const isSecure = options.metricsCertDir !== undefined;
  const exposition = createExposition(metrics.registry, system.clock);
  const open = await serveObservability({
    ...options.listen,
    metrics: isSecure ? undefined : exposition,
    // Whether the event loop turns is shown by the answer itself.
    hanging: () => firstHanging(checks),
    isReady,
    setLogLevel: system.setLogLevel,
  });
  try {
    const secure = await openSecureMetrics(parts, exposition);
    return {
      port: open.port,
      async close() {
        await Promise.all([open.close(), secure?.close()]);
      },
    };
  } catch (thrown) {
    await open.close();
    throw thrown;
  }
}

async function openSecureMetrics(
  { options, system, api }: ServerParts,
  metrics: Exposition,
): Promise<ObservabilityServer | undefined> {
  const { metricsListen, metricsCertDir } = options;
  if (metricsCertDir === undefined) return undefined;
  return serveSecureMetrics({
    ...metricsListen,
    certificateDirectory: metricsCertDir,
    metrics,
    reviewer: createScrapeReviewer(api),
    ...system,
  });
}
