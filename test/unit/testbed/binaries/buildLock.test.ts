import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeBuildLock } from '../../../testbed/binaries/buildLock.ts';

/** No process has it: Linux and macOS count to far less. */
const deadPid = 999_999_999;

let directory: string;
let file: string;
let lines: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'build-lock-'));
  file = join(directory, 'etcd.lock');
  lines = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

function take(sleep: () => Promise<void>): Promise<() => Promise<void>> {
  return takeBuildLock(file, { what: 'etcd', log: (line) => lines.push(line), sleep });
}

const unexpected = (): Promise<void> => Promise.reject(new Error('nothing to wait for'));

test('a free lock is taken at once and given back', async () => {
  const release = await take(unexpected);
  expect(existsSync(file)).toBe(true);

  await release();

  expect(existsSync(file)).toBe(false);
});

test('a lock that a living process holds is waited for, with a line that says so', async () => {
  const releaseFirst = await take(unexpected);

  const releaseSecond = await take(releaseFirst);

  expect(lines).toEqual([`process ${process.pid} is building etcd: waiting`]);
  await releaseSecond();
});

test('a lock whose process is gone is taken over', async () => {
  writeFileSync(file, String(deadPid));

  const release = await take(unexpected);

  expect(lines).toEqual([]);
  await release();
});
