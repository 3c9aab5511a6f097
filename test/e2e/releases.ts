import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');

export const currentChart = resolve(ROOT, 'deploy/helm');
/** The chart as it was before its values grew; what users of it upgrade from. */
export const previousChart = resolve(import.meta.dirname, 'previousChart');

export const currentVersion = appVersionOf(currentChart);
export const previousVersion = appVersionOf(previousChart);

function appVersionOf(chart: string): string {
  const text = readFileSync(resolve(chart, 'Chart.yaml'), 'utf8');
  return z.looseObject({ appVersion: z.string() }).parse(parse(text)).appVersion;
}
