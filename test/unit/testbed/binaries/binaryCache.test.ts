import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cachedBinary, GoMissingError } from '../../../testbed/binaries/binaryCache.ts';

let directory: string;
let lines: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'binary-cache-'));
  lines = [];
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  vi.stubEnv('PATH', `${directory}:/usr/bin:/bin`);
});
afterEach(() => rmSync(directory, { recursive: true }));

const log = (line: string): void => void lines.push(line);
const builds = (): string[] => readFileSync(join(directory, 'builds'), 'utf8').trim().split('\n');

/** Stands for the Go tool; `script` has the path of the binary in $output. */
function installGo(script: string): void {
  const go = join(directory, 'go');
  writeFileSync(
    go,
    `#!/bin/sh
[ "$1" = version ] && exit 0
while [ "$1" != -o ]; do shift; done
output=$2
echo "$3" >> '${directory}/builds'
${script}
`,
  );
  chmodSync(go, 0o755);
}

test('a binary is built once, and then taken from the cache', async () => {
  installGo('echo binary > "$output"');

  const first = await cachedBinary('kube-apiserver', log);
  const second = await cachedBinary('kube-apiserver', log);

  expect(second).toBe(first);
  expect(readFileSync(first, 'utf8')).toBe('binary\n');
  expect(builds()).toEqual(['k8s.io/kubernetes/cmd/kube-apiserver']);
  expect(lines[0]).toMatch(/^building kube-apiserver v1[.]\d+[.]\d+ from its Go module, once/);
  expect(lines.at(-1)).toMatch(/^built kube-apiserver in \d+ s$/);
});

test('its place names the version and the platform', async () => {
  installGo('echo binary > "$output"');

  const binary = await cachedBinary('etcd', log);

  const [, version] =
    /server\/v3 (v\S+)/.exec(readFileSync('test/testbed/binaries/etcd/go.mod', 'utf8')) ?? [];
  const folder = `etcd-${version}-${process.platform}-${process.arch}`;
  expect(binary).toBe(join(directory, 'cache/vaultsecret', folder, 'etcd'));
});

test('two that want the same binary at the same time build it once', async () => {
  installGo('echo binary > "$output"');

  await Promise.all([cachedBinary('etcd', log), cachedBinary('etcd', log)]);

  expect(builds()).toHaveLength(1);
});

test('a build that fails says what Go said, and leaves nothing that looks finished', async () => {
  installGo('echo half > "$output"; echo "no space left" >&2; exit 1');
  const binary = await cachedBinary('etcd', log).catch((error: unknown) => error);

  expect(binary).toMatchObject({ message: expect.stringContaining('no space left') });
  const [folder = ''] = readdirSync(join(directory, 'cache/vaultsecret'));
  expect(readdirSync(join(directory, 'cache/vaultsecret', folder))).toEqual([]);
});

test('without Go a binary of the cache is used, and a missing one is an error of its own', async () => {
  installGo('echo binary > "$output"');
  const binary = await cachedBinary('etcd', log);
  vi.stubEnv('PATH', dirname(binary));

  expect(await cachedBinary('etcd', log)).toBe(binary);
  await expect(cachedBinary('kube-apiserver', log)).rejects.toThrow(GoMissingError);
  expect(existsSync(binary)).toBe(true);
});
