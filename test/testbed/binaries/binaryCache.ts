import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BinaryError } from './binaryError.ts';
import { takeBuildLock } from './buildLock.ts';
import { toolModules, type BinaryName, type ToolModule } from './toolModules.ts';

/** There is no `go` to build with. */
export class GoMissingError extends BinaryError {}

const progressIntervalMs = 15_000;

/** The binary from the cache; built into it from its Go module when it is not there yet. */
export async function cachedBinary(
  name: BinaryName,
  log: (line: string) => void,
  module: ToolModule = toolModules[name],
): Promise<string> {
  const version = moduleVersion(module);
  const directory = join(cacheRoot(), `${module.directory}-${version}-${platform()}`);
  const binary = join(directory, name);
  if (existsSync(binary)) return binary;
  await mkdir(directory, { recursive: true });
  const release = await takeBuildLock(`${binary}.lock`, { what: name, log });
  try {
    if (!existsSync(binary)) await build(name, { module, version, binary, log });
  } finally {
    await release();
  }
  return binary;
}

async function build(
  name: BinaryName,
  options: { module: ToolModule; version: string; binary: string; log: (line: string) => void },
): Promise<void> {
  const { module, version, binary, log } = options;
  assertGo();
  const startedAt = Date.now();
  const elapsed = (): string => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  log(`building ${name} ${version} from its Go module, once; it is kept as ${binary}`);
  const progress = setInterval(() => log(`building ${name}: ${elapsed()}`), progressIntervalMs);
  const unfinished = `${binary}.${process.pid}`;
  try {
    await goBuild(module, version, unfinished);
    await rename(unfinished, binary);
  } finally {
    clearInterval(progress);
    await rm(unfinished, { force: true });
  }
  log(`built ${name} in ${elapsed()}`);
}

function assertGo(): void {
  const { error } = spawnSync('go', ['version'], { stdio: 'ignore' });
  if (error !== undefined) throw new GoMissingError('Go cannot be started', { cause: error });
}

async function goBuild(module: ToolModule, version: string, output: string): Promise<void> {
  const variables = Object.entries(module.variables(version)).map(
    ([name, value]) => `-X ${name}=${value}`,
  );
  const ldflags = ['-s', '-w', ...variables].join(' ');
  const go = spawn('go', ['build', '-ldflags', ldflags, '-o', output, module.package], {
    cwd: join(import.meta.dirname, module.directory),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  go.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const [status] = await once(go, 'close');
  if (status !== 0 && isGoTooOld(said))
    throw new BinaryError(
      `Go is too old to build ${module.package}: install Go ${goOf(module)} or newer`,
    );
  if (status !== 0)
    throw new BinaryError(`go build of ${module.package} failed:\n${said.trimEnd()}`);
}

/** Before Go 1.21, and later without the newer toolchain: https://go.dev/doc/toolchain */
export function isGoTooOld(said: string): boolean {
  return /invalid go version|requires go >= |module requires Go 1|toolchain not available/.test(
    said,
  );
}

function goOf({ directory }: ToolModule): string {
  const goMod = readFileSync(join(import.meta.dirname, directory, 'go.mod'), 'utf8');
  return /^go (\d+\.\d+)/m.exec(goMod)?.[1] ?? '';
}

function moduleVersion({ directory, versionOf }: ToolModule): string {
  const goMod = readFileSync(join(import.meta.dirname, directory, 'go.mod'), 'utf8');
  const line = goMod.split('\n').find((text) => text.startsWith(`\t${versionOf} v`));
  if (line === undefined) throw new Error(`${directory}/go.mod does not require ${versionOf}`);
  return line.trim().split(' ')[1] ?? '';
}

/** Where everything is kept that is built or installed once for all tests. */
export function cacheRoot(): string {
  const { XDG_CACHE_HOME } = process.env;
  const caches =
    XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === ''
      ? join(homedir(), '.cache')
      : XDG_CACHE_HOME;
  return join(caches, 'vaultsecret');
}

/** Homes are shared between machines. */
function platform(): string {
  return `${process.platform}-${process.arch}`;
}
