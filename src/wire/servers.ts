import type { ApiClient } from '../kube/request.ts';
import { createScrapeReviewer } from '../kube/scrapeReviewer.ts';
import type { Metrics } from '../observability/metrics.ts';
import { serveSecureMetrics } from '../observability/secureMetrics.ts';
import { serveObservability, type ObservabilityServer } from '../observability/server.ts';
import type { Options } from '../options/options.ts';
import type { System } from './system.ts';

export interface ServerParts {
  readonly options: Options;
  readonly system: System;
  readonly api: ApiClient;
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
}

/** The probes, which the kubelet asks without a token, and the metrics beside them or behind TLS. @throws ListenError */
export async function openServers(parts: ServerParts): Promise<ObservabilityServer> {
  const { options, system, metrics, isReady } = parts;
  const isSecure = options.metricsCertDir !== undefined;
  const open = await serveObservability({
    ...options.listen,
    registry: isSecure ? undefined : metrics.registry,
    // Whether the event loop turns is told by the answer itself.
    isHealthy: () => true,
    isReady,
    setLogLevel: system.setLogLevel,
  });
  try {
    const secure = await openSecureMetrics(parts);
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

async function openSecureMetrics({
  options,
  system,
  api,
  metrics,
}: ServerParts): Promise<ObservabilityServer | undefined> {
  const { metricsListen, metricsCertDir } = options;
  if (metricsCertDir === undefined) return undefined;
  return serveSecureMetrics({
    ...metricsListen,
    certificateDirectory: metricsCertDir,
    registry: metrics.registry,
    reviewer: createScrapeReviewer(api),
    ...system,
  });
}
