import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFiles } from '../../../../src/cli/render/writeFiles.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vaultsecret-files-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const files = new Map([
  ['a', 'new a'],
  ['b', 'new b'],
]);

test('what was there is replaced, for its owner alone, whoever could read it before', async () => {
  const path = join(directory, 'a');
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);

  expect(await writeFiles(directory, files, 'x')).toEqual([path, join(directory, 'b')]);
  expect(readFileSync(path, 'utf8')).toBe('new a');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a value is not written through a link that somebody put in its way', async () => {
  const elsewhere = join(directory, 'elsewhere');
  writeFileSync(elsewhere, 'old');
  symlinkSync(elsewhere, join(directory, '.a.x'));

  await expect(writeFiles(directory, files, 'x')).rejects.toThrow(`${directory}: EEXIST`);
  expect(readFileSync(elsewhere, 'utf8')).toBe('old');
});

test('when one cannot be placed, no half-written file is left behind', async () => {
  mkdirSync(join(directory, 'b'));

  await expect(writeFiles(directory, files, 'x')).rejects.toThrow(`${directory}: EISDIR`);
  expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a folder that cannot be made is named', async () => {
  const path = join(directory, 'file');
  writeFileSync(path, '');

  await expect(writeFiles(join(path, 'x'), files, 'x')).rejects.toThrow(`${path}/x: ENOTDIR`);
});
