import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { cachedBinary } from './binaries/binaryCache.ts';

export const chartDirectory = resolve(import.meta.dirname, '../../deploy/helm');

/** Helm said no; the message is what it said. */
export class HelmError extends Error {
  override readonly name = 'HelmError';
}

/** Runs helm, and answers what it printed. @throws HelmError with its standard error */
export async function helm(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const binary = await cachedBinary('helm', console.error);
  const child = spawn(binary, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[status], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (status !== 0) throw new HelmError(`${output}${errors}`.trim());
  return output;
}

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

export type Manifest = z.infer<typeof manifest>;

export interface Release {
  readonly name?: string;
  readonly namespace?: string;
  /** As `--set-json` takes them, by path. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly flags?: readonly string[];
}

/** What the chart makes of the values, in Helm's order. The image is named, as it must be. */
export async function renderChart(release: Release = {}): Promise<Manifest[]> {
  const { name = 'vaultsecret', namespace = 'vaultsecret-system', flags = [] } = release;
  const values = { 'image.repository': 'registry.example.com/vaultsecret', ...release.values };
  const output = await helm([
    'template',
    name,
    chartDirectory,
    `--namespace=${namespace}`,
    ...Object.entries(values).map(([path, value]) => `--set-json=${path}=${JSON.stringify(value)}`),
    ...flags,
  ]);
  const documents = parseAllDocuments(output);
  if (!Array.isArray(documents)) return [];
  return documents
    .map((document): unknown => document.toJS())
    .filter((content) => content !== null)
    .map((content) => manifest.parse(content));
}
