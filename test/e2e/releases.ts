import { cpSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');

export const currentChart = resolve(ROOT, 'deploy/helm');
const frozenChart = resolve(import.meta.dirname, 'previousChart');

export const currentVersion = appVersionOf(currentChart);
export const previousVersion = appVersionOf(frozenChart);

/**
 * The chart as it was before its values grew; what users of it upgrade from. The CRDs are today's, because the image of
 * its version is today's code, and a controller refuses CRDs that are older than it. Those are upgraded in
 * test/integration/helmInstall.test.ts.
 */
export function writePreviousChart(directory: string): string {
  const crds = 'files/crds';
  cpSync(frozenChart, directory, { recursive: true });
  cpSync(resolve(currentChart, crds), resolve(directory, crds), { recursive: true });
  return directory;
}

function appVersionOf(chart: string): string {
  const text = readFileSync(resolve(chart, 'Chart.yaml'), 'utf8');
  return z.looseObject({ appVersion: z.string() }).parse(parse(text)).appVersion;
}
