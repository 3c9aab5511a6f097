import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { differences } from '../../build/image/imageDifferences.ts';
import { layerOf, ociArchive, type ImageConfig } from '../../build/image/ociArchive.ts';
import { savedImage, type SavedImage } from '../../build/image/savedImage.ts';
import type { TarEntry } from '../../build/image/tarArchive.ts';
import { tarMembers } from '../../build/image/tarReader.ts';

const config: ImageConfig = {
  User: '65532:65532',
  WorkingDir: '/app',
  Env: ['A=1'],
  Entrypoint: ['node'],
  Cmd: ['run'],
  ExposedPorts: {},
  Labels: { a: '1', b: '2' },
};

const file = (path: string, content = '', mode = 0o644): TarEntry => ({
  path,
  content: Buffer.from(content),
  mode,
});

function image(layers: readonly TarEntry[][], changed: Partial<ImageConfig> = {}): SavedImage {
  const { archive } = ociArchive({
    name: 'example.com/a:1',
    architecture: 'amd64',
    config: { ...config, ...changed },
    layers: layers.map(layerOf),
  });
  return savedImage(archive);
}

test.each(['pax', 'gnu'])(
  'an archive of tar in the format %s is read, long names too',
  (format) => {
    const directory = mkdtempSync(join(tmpdir(), 'tar-reader-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const long = `${'folder/'.repeat(20)}${'x'.repeat(120)}`;
    mkdirSync(join(directory, 'folder/'.repeat(20)), { recursive: true });
    writeFileSync(join(directory, long), 'content', { mode: 0o600 });
    const owner = ['--owner=7', '--group=8'];

    const { stdout } = spawnSync('tar', [
      'c',
      `--format=${format}`,
      ...owner,
      '-C',
      directory,
      long,
    ]);

    expect(tarMembers(stdout)).toMatchObject([
      { path: long, kind: '0', mode: 0o600, owner: '7:8', content: Buffer.from('content') },
    ]);
  },
);

test('of a file in several layers the last counts, and one that a layer takes away is gone', () => {
  const { files } = image([
    [file('a', '1'), file('folder/b'), file('folder/c')],
    [file('a', '2'), file('.wh.folder')],
  ]);

  expect([...files.keys()]).toEqual(['a']);
  expect(files).toEqual(image([[file('a', '2')]]).files);
});

test('a folder that a layer empties keeps what the layer itself brings', () => {
  const { files } = image([[file('folder/b')], [file('folder/c'), file('folder/.wh..wh..opq')]]);

  expect([...files.keys()]).toEqual(['folder/c']);
});

test('equal images differ in nothing, in whatever order labels and files stand', () => {
  const one = image([[file('a'), file('b')]]);
  const other = image([[file('b')], [file('a')]], { Labels: { b: '2', a: '1' } });

  expect(differences(one, other)).toEqual([]);
});

test.each<[string, SavedImage]>([
  ['file a', image([[file('a', '', 0o755)]])],
  ['file a', image([[{ ...file('a'), owner: 65_532 }]])],
  ['file a', image([[file('a', 'changed')]])],
  ['file b', image([[file('a'), file('b')]])],
  ['config User', image([[file('a')]], { User: '0' })],
  ['config Env', image([[file('a')]], { Env: ['A=2'] })],
  ['config Labels', image([[file('a')]], { Labels: { a: '1' } })],
])('a difference in %s is told', (what, other) => {
  expect(differences(image([[file('a')]]), other)).toEqual([expect.stringContaining(`${what}\n`)]);
});

test('the content of the compile cache may differ, its name and owner may not', () => {
  const cached = (name: string, content: string): SavedImage =>
    image([[file(`app/cache/${name}`, content)]]);

  expect(differences(cached('x64', '1'), cached('x64', '2'))).toEqual([]);
  expect(differences(cached('x64', '1'), cached('arm64', '1'))).toHaveLength(2);
});
