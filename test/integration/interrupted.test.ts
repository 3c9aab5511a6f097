import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeKubeconfig } from '../testbed/kubeconfigFile.ts';

const program = resolve(import.meta.dirname, '../../dist/vaultsecret');
/** Takes connections and never says a word. */
const silent = createServer();
let directory: string;
let port: number;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-interrupted-'));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  ({ port } = silent.address() as AddressInfo);
  const cluster = { server: `https://127.0.0.1:${port}` };
  await writeKubeconfig(join(directory, 'kubeconfig'), cluster, { token: 'none' });
  await writeFile(
    join(directory, 'app.yaml'),
    `apiVersion: vaultsecret.dev/v1alpha1
kind: VaultSecret
metadata: {name: app}
spec: {vaultUrl: 'https://app.vault.azure.net', serviceAccountName: app, data: [{dataKey: K, secret: {name: key}}]}
`,
  );
});
afterAll(async () => {
  silent.close();
  await rm(directory, { recursive: true });
});

test.each([
  ['access', '--kubeconfig=kubeconfig'],
  ['doctor', '--kubeconfig=kubeconfig', 'app'],
  ['setup', '--kubeconfig=kubeconfig', 'app'],
  ['token'],
  ['render', '--file=app.yaml', '--as=env'],
])('Ctrl-C ends %s while nobody answers', async (...args) => {
  const connected = once(silent, 'connection');
  const resolving = `--resolve=*.vault.azure.net=127.0.0.1:${port}`;
  const child = spawn(process.execPath, [program, ...args, resolving], {
    cwd: directory,
    env: { AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${port}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  await connected;
  child.kill('SIGINT');

  const [output, errors, [status]] = await said;
  expect({ status, output, errors }).toEqual({ status: 130, output: '', errors: '' });
});
