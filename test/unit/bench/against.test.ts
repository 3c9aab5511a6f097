import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildAt } from '../../bench/against.ts';
import { UsageError } from '../../bench/arguments.ts';
import { controllerCommand, imageArguments, ownBuild } from '../../testbed/controllerCommand.ts';
import type { Testbed } from '../../testbed/testbedFile.ts';

let checkout = '';
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'vaultsecret-against-'));
});
afterEach(() => {
  rmSync(checkout, { recursive: true });
});

test('the build of a checkout runs with the flags and the allocator of its image', () => {
  const bundle = join(checkout, 'dist/vaultsecret.mjs');
  mkdirSync(join(checkout, 'dist'));
  writeFileSync(bundle, '');
  writeFileSync(
    join(checkout, 'Dockerfile'),
    'ENV A=b \\\n    MALLOC_ARENA_MAX=7\nENTRYPOINT ["node", "--its-flag", "/app/vaultsecret.mjs"]\n',
  );

  const { args, env } = controllerCommand(testbed, {
    port: 1,
    leaderElect: false,
    build: buildAt(checkout),
  });

  expect(args.slice(0, 3)).toEqual(['--its-flag', bundle, 'run']);
  expect(env['MALLOC_ARENA_MAX']).toBe('7');
});

test('a bundle runs with the flags of our image', () => {
  const bundle = join(checkout, 'other.mjs');
  writeFileSync(bundle, '');

  const args = imageArguments(buildAt(bundle));

  expect(args).toEqual([...imageArguments(ownBuild).slice(0, -1), bundle]);
});

test('a checkout without a bundle is refused with what to do', () => {
  expect(() => buildAt(checkout)).toThrow(UsageError);
  expect(() => buildAt(checkout)).toThrow(/has no bundle; run "npm run build" there first$/);
});

test('rules for single hosts go before those of the stand-in', () => {
  const { args } = controllerCommand(testbed, {
    port: 1,
    leaderElect: false,
    resolve: ['dead.vault.azure.net=127.0.0.1:2'],
  });

  const rules = args.filter((arg) => arg.startsWith('--resolve='));
  expect(rules[0]).toBe('--resolve=dead.vault.azure.net=127.0.0.1:2');
  expect(rules[1]).toBe('--resolve=*.vault.azure.net=127.0.0.1:3');
});

const testbed: Testbed = {
  directory: '/testbed',
  kubeconfig: '/testbed/kubeconfig',
  azure: {
    tenantId: 'tenant',
    vaultAddress: '127.0.0.1:3',
    entraAddress: '127.0.0.1:4',
    proxyUrl: 'http://127.0.0.1:5',
    adminUrl: 'http://127.0.0.1:6',
    imdsEndpoint: 'http://127.0.0.1:7',
    tokenProxy: { url: 'https://127.0.0.1:8', serverName: 'proxy', caFile: '/testbed/ca.crt' },
    caFile: '/testbed/ca.crt',
  },
  pids: [],
  controllerKubeconfig: '/testbed/controller.kubeconfig',
  controllerTokenFile: '/testbed/controller.token',
  issuer: 'https://issuer',
  controlPlane: 'binaries',
};
