import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { debianBinaries } from '../../../testbed/binaries/debianPackages.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'debian-packages-'));
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  vi.stubEnv('PATH', `${directory}:/usr/bin:/bin`);
});
afterEach(() => rmSync(directory, { recursive: true }));

function command(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
}

const log = (): void => {};

test('packages are downloaded and unpacked once, and nothing is installed', async () => {
  command('apt-get', `echo "$@" >> '${directory}/calls'; echo package > runc.deb`);
  command('dpkg-deb', 'mkdir -p "$3/usr/sbin" && cp "$2" "$3/usr/sbin/runc"');

  const { runc } = await debianBinaries(log);
  await debianBinaries(log);

  expect(readFileSync(runc, 'utf8')).toBe('package\n');
  expect(readFileSync(join(directory, 'calls'), 'utf8')).toMatch(/^download [\w -]+\n$/);
});

test('lists that are missing are fetched before the second try', async () => {
  const updated = join(directory, 'updated');
  command(
    'apt-get',
    `case $1 in update) touch '${updated}' ;; download) [ -e '${updated}' ] && echo x > x.deb ;; esac`,
  );
  command('dpkg-deb', 'mkdir -p "$3"');

  await debianBinaries(log);

  expect(existsSync(updated)).toBe(true);
});

test('without packages it is said which are needed, and nothing half remains', async () => {
  command('apt-get', 'echo "no network" >&2; exit 100');

  await expect(debianBinaries(log)).rejects.toThrow(/no network.*prometheus, runc are needed/);

  await expect(debianBinaries(log)).rejects.toThrow(/no network/);
});
