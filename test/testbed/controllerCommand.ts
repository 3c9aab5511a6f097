import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { controllerNamespace } from './installation.ts';
import type { Testbed } from './testbedFile.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUNDLE = resolve(ROOT, 'dist/vaultsecret.mjs');
const BUNDLE_INPUTS = ['src/**/*.ts', 'package.json', 'package-lock.json', 'test/build/*.ts'];

/** A bundle, and the checkout whose image says how Node runs it. */
export interface ControllerBuild {
  readonly checkout: string;
  readonly bundle: string;
}

/** Of this checkout. */
export const ownBuild: ControllerBuild = { checkout: ROOT, bundle: BUNDLE };

export interface ControllerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ControllerSettings {
  readonly port: number;
  readonly leaderElect: boolean;
  /** This checkout's, when not given. */
  readonly build?: ControllerBuild;
  /** Values of --resolve that go before the way to the stand-in: the first rule that names a host counts. */
  readonly resolve?: readonly string[];
  /** Further flags; of a flag that is given twice the last counts. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The bundle with the flags that the chart's Deployment gives, the way to the stand-in, and nothing of
 * our own environment.
 */
export function controllerCommand(
  { azure, controllerKubeconfig }: Testbed,
  settings: ControllerSettings,
): ControllerCommand {
  const {
    port,
    leaderElect,
    build = ownBuild,
    resolve: rules = [],
    args = [],
    env = {},
  } = settings;
  return {
    command: process.execPath,
    args: [
      ...imageArguments(build),
      'run',
      `--kubeconfig=${controllerKubeconfig}`,
      ...(leaderElect ? ['--leader-elect', `--lease-namespace=${controllerNamespace}`] : []),
      `--listen=127.0.0.1:${port}`,
      `--azure-tenant-id=${azure.tenantId}`,
      ...rules.map((rule) => `--resolve=${rule}`),
      `--resolve=*.vault.azure.net=${azure.vaultAddress}`,
      `--resolve=login.microsoftonline.com=${azure.entraAddress}`,
      `--resolve=*.azurecr.io=${azure.vaultAddress}`,
      `--ca-file=${azure.caFile}`,
      ...args,
    ],
    env: { PATH: process.env['PATH'] ?? '', ...imageAllocator(build), ...env },
  };
}

/** What the image's ENTRYPOINT gives to Node, so that memory and speed are those of the image: its flags, and the bundle. */
export function imageArguments({ checkout, bundle }: ControllerBuild = ownBuild): string[] {
  const dockerfile = readFileSync(resolve(checkout, 'Dockerfile'), 'utf8');
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '';
  const [, ...args] = z.array(z.string()).parse(JSON.parse(entrypoint));
  return [...args.slice(0, -1), bundle];
}

/** Of the image's variables the one that tells in memory; the others are paths inside it. */
function imageAllocator({ checkout }: ControllerBuild): Record<string, string> {
  const dockerfile = readFileSync(resolve(checkout, 'Dockerfile'), 'utf8');
  const [, arenas] = /^\s+MALLOC_ARENA_MAX=(\d+)$/m.exec(dockerfile) ?? [];
  return arenas === undefined ? {} : { MALLOC_ARENA_MAX: arenas };
}

/** Builds the bundle when it is missing, or older than what it is made of. */
export function ensureBundle(log: (line: string) => void): void {
  const builtAt = modifiedAt(BUNDLE);
  const inputs = globSync(BUNDLE_INPUTS, { cwd: ROOT });
  if (inputs.every((input) => modifiedAt(resolve(ROOT, input)) <= builtAt)) return;
  log('building the controller');
  const { status, stderr } = spawnSync(process.execPath, ['test/build/bundle.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the controller cannot be built:\n${stderr}`);
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
