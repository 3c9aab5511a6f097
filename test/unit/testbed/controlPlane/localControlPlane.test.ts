import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLocalControlPlane } from '../../../testbed/controlPlane/localControlPlane.ts';

let directory: string;
let pids: number[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'control-plane-'));
  pids = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A shell script in the place of a component. */
function component(name: string, script: string): string {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

function start(components: {
  readonly etcd: string;
  readonly apiServer: string;
}): Promise<unknown> {
  return startLocalControlPlane(
    {
      origin: 'scripts',
      paths: {
        etcd: component('etcd', components.etcd),
        'kube-apiserver': component('kube-apiserver', components.apiServer),
        'kube-controller-manager': component('kube-controller-manager', 'exit 1'),
      },
    },
    {
      directory: join(directory, 'files'),
      log: () => {},
      onProcess: (pid) => pids.push(pid),
      onContainer: () => {},
      prepare: () => Promise.reject(new Error('the API server never answers')),
    },
  );
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const forever = 'exec sleep 1000';

test('a component that dies at the start is named, with its last words; the others are ended', async () => {
  const starting = start({ etcd: forever, apiServer: 'echo "bad flag: --colour" >&2; exit 3' });

  await expect(starting).rejects.toThrow(
    /^kube-apiserver ended with status 3; the last lines of \S+kube-apiserver[.]log:\n {2}bad flag: --colour$/,
  );
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a port that was taken in the meantime is no failure: others are tried, three times', async () => {
  const attempts = join(directory, 'attempts');
  const etcd = `echo x >> '${attempts}'; echo "bind: address already in use" >&2; exit 1`;

  await expect(start({ etcd, apiServer: forever })).rejects.toThrow(/^etcd ended with status 1/);

  expect(readFileSync(attempts, 'utf8')).toBe('x\nx\nx\n');
  expect(pids.filter(isAlive)).toEqual([]);
});
