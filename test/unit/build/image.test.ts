import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configOf } from '../../build/image/dockerfile.ts';
import { layerOf, ociArchive } from '../../build/image/ociArchive.ts';
import { tarArchive } from '../../build/image/tarArchive.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const config = configOf(dockerfile, { VERSION: '1.2.3', REVISION: 'abc' });

const tar = (archive: Buffer, ...args: readonly string[]): string => {
  const { stdout, stderr, status } = spawnSync('tar', args, { input: archive, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

test('an archive is what tar takes it for: owners, modes and contents included', () => {
  const archive = tarArchive([
    { path: 'app', folder: true, owner: 65_532 },
    { path: 'app/run', content: Buffer.from('#!'), owner: 65_532, mode: 0o755 },
    { path: 'empty', content: Buffer.alloc(0) },
  ]);

  expect(tar(archive, 'tv', '--numeric-owner', '--utc').trimEnd().split('\n')).toEqual([
    'drwxr-xr-x 65532/65532       0 1970-01-01 00:00 app/',
    '-rwxr-xr-x 65532/65532       2 1970-01-01 00:00 app/run',
    '-rw-r--r-- 0/0               0 1970-01-01 00:00 empty',
  ]);
  expect(tar(archive, 'xO', 'app/run')).toBe('#!');
});

test('a path that does not fit into a header is refused, not cut', () => {
  const path = 'x'.repeat(101);

  expect(() => tarArchive([{ path, content: Buffer.alloc(0) }])).toThrow(path);
});

test('the image without Docker starts as the Dockerfile says', () => {
  expect(config).toMatchObject({
    User: '65532:65532',
    WorkingDir: '/app',
    Entrypoint: ['node', '--max-semi-space-size=8', '--expose-gc', '/app/vaultsecret.mjs'],
    Cmd: ['run'],
    ExposedPorts: { '8080/tcp': {} },
    Labels: {
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.revision': 'abc',
    },
  });
  expect(config.Env).toContain('NODE_COMPILE_CACHE=/app/cache');
});

test('the compile cache is filled with the flags that it is used with: Node keeps one for each set', () => {
  const warmUp = /^RUN (\[.*"--version"\])$/m.exec(dockerfile)?.[1] ?? '[]';

  expect(JSON.parse(warmUp)).toEqual([...config.Entrypoint, '--version']);
});

test('an image archive names its blobs by what they hold, for OCI and for Docker alike', () => {
  const layers = [layerOf([{ path: 'a', content: Buffer.from('a') }])];
  const { archive } = ociArchive({
    name: 'example.com/a:1',
    architecture: 'arm64',
    config,
    layers,
  });

  const json = (path: string): unknown => JSON.parse(tar(archive, 'xO', path));
  const index = json('index.json');
  expect(index).toMatchObject({
    manifests: [{ annotations: { 'io.containerd.image.name': 'example.com/a:1' } }],
  });
  const blobs = tar(archive, 't')
    .split('\n')
    .filter((path) => /^blobs\/sha256\/\w+$/.test(path));
  expect(blobs).toHaveLength(3);
  for (const path of blobs) {
    const content = spawnSync('tar', ['xO', path], { input: archive }).stdout;
    expect(path).toBe(`blobs/sha256/${createHash('sha256').update(content).digest('hex')}`);
  }
  expect(json('manifest.json')).toMatchObject([
    { RepoTags: ['example.com/a:1'], Layers: [blobs[0]], Config: blobs[1] },
  ]);
});
