import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const dist = resolve(import.meta.dirname, '../../dist');
const oldNode =
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})';

function launched(program: string, ...nodeFlags: readonly string[]) {
  const args = [...nodeFlags, program, '--version'];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
}

test.each(['vaultsecret', 'kubectl-vaultsecret'])('%s runs the bundle', (name) => {
  expect(launched(join(dist, name)).stdout).toMatch(/^vaultsecret \d/);
});

test('a Node that is too old gives way to the one that the project brings', () => {
  const { stdout, stderr } = launched(join(dist, 'vaultsecret'), '--import', oldNode);

  expect({ stdout, stderr }).toEqual({
    stdout: expect.stringMatching(/^vaultsecret \d/),
    stderr: '',
  });
});

test('elsewhere a Node that is too old is told in one line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-launch-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  cpSync(join(dist, 'launch.mjs'), join(directory, 'launch.mjs'));
  const { status, stderr } = launched(join(directory, 'launch.mjs'), '--import', oldNode);

  expect(status).toBe(1);
  expect(stderr).toMatch(/^vaultsecret: it needs Node 24 or newer, and this is v[^\n]+\n$/);
});
