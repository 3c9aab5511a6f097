import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { findFreePorts } from '../testbed/freePorts.ts';
import { controllerNamespace, installCrds } from '../testbed/installation.ts';
import { writeKubeconfig } from '../testbed/kubeconfigFile.ts';
import {
  clusterVaultConnections,
  customResourceDefinitions,
  leases,
  type Resource,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
} from '../testbed/kubeResources.ts';
import { untilServed } from '../testbed/kubeConditions.ts';
import { openWorld, startWorld, type World } from '../testbed/world.ts';
import { oneLine, outcomeOf, outcomeOfRun } from './program.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage } = world;
const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-startup-'));
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const cluster = { server: 'https://127.0.0.1:1' };
const kubeconfig = (name: string, { context = 'c', ...rest }: Record<string, unknown>) =>
  file(
    name,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: rest['cluster'] ?? cluster }],
      users: [{ name: 'u', user: rest['user'] ?? { token: 't' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': context,
    }),
  );

describe('vaultsecret run ends with one line and status 1 when', () => {
  test('there is neither a pod nor a kubeconfig', async () => {
    expect(await outcomeOf(testbed, ['run'])).toEqual(
      oneLine(1, 'not in a pod and no kubeconfig named'),
    );
  });

  test.each<[what: string, path: string, line: string | RegExp]>([
    ['is not there', join(directory, 'none'), /cannot read kubeconfig \S+none: ENOENT/],
    ['is a directory', directory, /cannot read kubeconfig \S+: EISDIR/],
    ['is empty', file('empty', ''), 'no current context'],
    ['is no YAML', file('broken', 'a: [b\n c: d'), /cannot read kubeconfig \S+broken: /],
    ['is another YAML', file('other', 'a: b'), 'no current context'],
    ['has no context', kubeconfig('bare', { context: '' }), 'no current context'],
    ['has another context', kubeconfig('wrong', { context: 'x' }), 'no current context'],
    [
      'names no TLS',
      kubeconfig('plain', { cluster: { server: 'http://127.0.0.1:1' } }),
      'without TLS: http://127.0.0.1:1',
    ],
    ['names no URL', kubeconfig('nourl', { cluster: { server: 'here' } }), 'no URL: here'],
    [
      'names a CA file that is not there',
      kubeconfig('noca', { cluster: { ...cluster, 'certificate-authority': '/nowhere/ca.crt' } }),
      'no credentials for the API server: ENOENT /nowhere/ca.crt',
    ],
    [
      'names a CA that is none',
      kubeconfig('badca', { cluster: { ...cluster, 'certificate-authority-data': 'AAAA' } }),
      'cannot reach the API server https://127.0.0.1:1',
    ],
    [
      'names a token file that is not there',
      kubeconfig('notoken', { user: { tokenFile: '/nowhere/token' } }),
      'no credentials for the API server: ENOENT /nowhere/token',
    ],
    [
      'names a plug-in that is not there',
      kubeconfig('noexec', {
        user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-thing' } },
      }),
      'no credentials for the API server',
    ],
  ])('the kubeconfig %s', async (_, path, line) => {
    expect(await outcomeOfRun(testbed, `--kubeconfig=${path}`)).toEqual(oneLine(1, line));
  });

  test('the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const outcome = await outcomeOfRun(testbed, `--listen=127.0.0.1:${port}`);

    server.close();
    expect(outcome).toEqual(
      oneLine(1, `cannot listen on 127.0.0.1:${port} (EADDRINUSE); choose another with --listen`),
    );
  });

  test('nothing listens where the API server should be', async () => {
    const [port] = await findFreePorts(1);
    const path = join(directory, 'down');
    await writeKubeconfig(path, { server: `https://127.0.0.1:${port}` }, { token: 't' });

    expect(await outcomeOfRun(testbed, `--kubeconfig=${path}`)).toEqual(
      oneLine(
        1,
        `cannot reach the API server https://127.0.0.1:${port}: no answer from the API server: ECONNREFUSED`,
      ),
    );
  });

  test('the API server has a certificate of somebody else', async () => {
    const { server } = kube.cluster;
    const path = join(directory, 'untrusted');
    await writeKubeconfig(path, { server }, { token: 't' });

    expect(await outcomeOfRun(testbed, `--kubeconfig=${path}`)).toEqual(
      oneLine(1, `cannot reach the API server ${server}: `),
    );
  });

  test('the API server does not know the token', async () => {
    const path = join(directory, 'unknown');
    await writeKubeconfig(path, kube.cluster, { token: 'nobody' });

    expect(await outcomeOfRun(testbed, `--kubeconfig=${path}`)).toEqual(
      oneLine(1, 'does not accept the credentials (status 401)'),
    );
  });

  test('it has no rights', async () => {
    const namespace = await stage.createNamespace();
    await kube.create(serviceAccounts, { metadata: { namespace, name: 'nobody' } });
    const token = await kube.requestToken({ namespace, name: 'nobody' });
    const path = join(directory, 'nobody');
    await writeKubeconfig(path, kube.cluster, { token });

    expect(await outcomeOfRun(testbed, `--kubeconfig=${path}`)).toEqual(
      oneLine(
        1,
        /may not list \S+: install the chart's ClusterRole, or name namespaces \(status 403\)/,
      ),
    );
  });
});

describe('in a cluster without our CRDs', () => {
  let own: World;
  beforeAll(async () => {
    own = await startWorld();
  });
  afterAll(() => own.close());

  test.each<Resource>([vaultSecrets, vaultConnections, clusterVaultConnections])(
    'the missing $plural is named',
    async (resource) => {
      const name = `${resource.plural}.vaultsecret.dev`;
      await own.kube.delete(customResourceDefinitions, { name });
      await untilServed(own.kube, resource, false);

      expect(await outcomeOfRun(own.testbed)).toEqual(
        oneLine(
          1,
          `the CustomResourceDefinition ${name} is not installed: install it by the chart (crds.install: true), or by kubectl apply --server-side -f crds/`,
        ),
      );

      await installCrds(own.kube);
      const controller = await own.startController();
      await controller.untilReady();
      expect(await controller.end('SIGTERM')).toBe(0);
    },
  );
});

describe('a stop', () => {
  const lease = { namespace: controllerNamespace, name: 'vaultsecret' };
  const holderOf = async () => (await kube.get(leases, lease)).spec.holderIdentity;

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s gives the Lease back, status 0',
    async (signal) => {
      const controller = await world.startController({ leaderElect: true });
      await controller.untilReady();
      await controller.untilLogged((line) => line.includes('"leading"'));
      expect(await holderOf()).not.toBe('');

      expect(await controller.end(signal)).toBe(0);

      expect(await holderOf()).toBe('');
    },
  );

  test('is heeded while the API server is silent', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const path = join(directory, 'silent');
    await writeKubeconfig(path, { server: `https://127.0.0.1:${port}` }, { token: 't' });
    const connected = once(silent, 'connection');
    const controller = await world.startController({ args: [`--kubeconfig=${path}`] });
    await connected;

    const ended = await controller.end('SIGTERM');

    silent.close();
    expect(ended).toBe(0);
  }, 10_000);
});
