import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadKubeConfig } from '../../../src/kube/config.ts';
import { KubeConfigError } from '../../../src/kube/kubeconfigFile.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { createCertificateAuthority } from '../../testbed/azure/certificateAuthority.ts';
import { certificatePem, json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

let server: FakeApiServer;

beforeEach(async () => {
  server = await startFakeApiServer();
});

afterEach(async () => {
  await server.close();
});

const get = { method: 'GET', path: '/version' } as const;
const tokensSent = () => server.requests.map(({ headers }) => headers.authorization);

function inFolder(name: string, text: string): string {
  const file = join(server.directory, name);
  writeFileSync(file, text);
  return file;
}

describe('credentials', () => {
  test('come from an exec plug-in that runs once, also for requests that begin together', async () => {
    const runs = inFolder('runs', '');
    const command = inFolder(
      'plugin.sh',
      `#!/bin/sh\necho run >> ${runs}\ncat <<'END'\n${execCredential('t1')}\nEND\n`,
    );
    chmodSync(command, 0o755);
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command,
      interactiveMode: 'Never',
    };
    const api = createApiClient(server.config({ exec }));
    await Promise.all([api.send(get), api.send(get), api.send(get)]);
    await api.send(get);
    expect(tokensSent()).toEqual(Array(4).fill('Bearer t1'));
    expect(readFileSync(runs, 'utf8')).toBe('run\n');
  });

  test('of an exec plug-in are asked for again once they have expired', async () => {
    const runs = inFolder('runs', '');
    const answer = execCredential('t1').replace('2099', '2009');
    const command = inFolder('plugin.sh', `#!/bin/sh\necho run >> ${runs}\necho '${answer}'\n`);
    chmodSync(command, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command };
    const api = createApiClient(server.config({ exec }));
    await api.send(get);
    await server.clock.advance(1_000);
    await api.send(get);
    expect(readFileSync(runs, 'utf8')).toBe('run\nrun\n');
  });

  test.each([
    ['as Kubernetes names it', (tokenFile: string) => ({ tokenFile })],
    [
      'named by a provider',
      (tokenFile: string) => ({ 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }),
    ],
  ])('in a token file, %s, are read again after a minute', async (_, userOf) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const api = createApiClient(server.config(userOf(inFolder('token', 'old\n'))));
    await api.send(get);
    inFolder('token', 'new\n');
    vi.setSystemTime(Date.now() + 61_000);
    await server.clock.advance(61_000);
    await api.send(get);
    vi.useRealTimers();
    expect(tokensSent()).toEqual(['Bearer old', 'Bearer new']);
  });

  test('are taken for the same for a second, since to look costs', async () => {
    const config = server.config({ token: 't1' });
    const first = await config.credentials();
    await server.clock.advance(999);
    expect(await config.credentials()).toBe(first);
    await server.clock.advance(1);
    expect(await config.credentials()).not.toBe(first);
  });

  test('that cannot be had are an error of the request, without the text of the plug-in', async () => {
    const command = inFolder('failing.sh', '#!/bin/sh\necho hunter2 >&2\nexit 1\n');
    chmodSync(command, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command };
    await expect(createApiClient(server.config({ exec })).send(get)).rejects.toMatchObject({
      status: 0,
      message: 'no credentials for the API server: Error',
    });
  });

  test('are read anew after the API server refused them', async () => {
    const tokenFile = inFolder('token', 'old\n');
    const api = createApiClient(
      server.config({ 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }),
    );
    await api.send(get);
    inFolder('token', 'new\n');
    server.answer = (request, response) =>
      json(request.headers.authorization === 'Bearer new' ? 200 : 401, {})(request, response);
    await expect(api.send(get)).rejects.toMatchObject({ status: 401 });
    await api.send(get);
    expect(tokensSent()).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });
});

describe('the certificate authority', () => {
  test('is trusted from the moment that its file changes, on new connections', async () => {
    const file = inFolder('ca.crt', createCertificateAuthority('other').certificatePem);
    const withFile = { 'certificate-authority-data': undefined, 'certificate-authority': file };
    const api = createApiClient(server.config({}, withFile));
    await expect(api.send(get)).rejects.toMatchObject({ status: 0 });
    writeFileSync(file, certificatePem);
    await server.clock.advance(1_000);
    await api.send(get);
    expect(server.requests).toHaveLength(1);
  });

  test('that stays the same keeps the connections', async () => {
    const config = server.config(
      {},
      {
        'certificate-authority-data': undefined,
        'certificate-authority': inFolder('ca.crt', certificatePem),
      },
    );
    const first = await config.credentials();
    await server.clock.advance(1_000);
    const second = await config.credentials();
    expect(second.dispatcher).toBe(first.dispatcher);
  });

  test('must have signed the server', async () => {
    const api = createApiClient(server.config({}, { 'certificate-authority-data': undefined }));
    await expect(api.send(get)).rejects.toMatchObject({
      status: 0,
      message: 'no answer from the API server: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });
});

describe('a kubeconfig that cannot be used is explained in one line', () => {
  test.each([
    ['is missing', undefined, /^cannot read kubeconfig .*\/broken: ENOENT[^\n]*$/],
    ['is no YAML', '{', /^cannot read kubeconfig .*\/broken: [^\n]+$/],
    ['is empty', '', /no current context/],
    ['is a text', 'hunter2', /^cannot read kubeconfig .*\/broken: it is no kubeconfig$/],
    ['has no context', '{"clusters":[],"users":[],"contexts":[]}', /no current context/],
    ['has no URL', withServer('nowhere'), /names a server that is no URL: nowhere$/],
    ['has no TLS', withServer('http://10.0.0.1'), /names a server without TLS: http:\/\/10.0.0.1$/],
  ])('when it %s', (_problem, text, message) => {
    const file = join(server.directory, 'broken');
    if (text !== undefined) writeFileSync(file, text);
    expect(() => loadKubeConfig([file], server.clock)).toThrow(KubeConfigError);
    expect(() => loadKubeConfig([file], server.clock)).toThrow(message);
  });

  test('when it has contexts and none of them is the current one', () => {
    const file = inFolder(
      'several',
      withServer('https://10.0.0.1').replace('current-context', 'x'),
    );
    expect(() => loadKubeConfig([file], server.clock)).toThrow(
      /^the kubeconfig has no current context with a cluster; it has a: kubectl config use-context NAME$/,
    );
  });

  test('when it lacks the context that is asked for', () => {
    const file = join(server.directory, 'contexts');
    writeFileSync(file, withServer('https://10.0.0.1'));
    expect(() => loadKubeConfig([file], server.clock, 'b')).toThrow(
      /^the kubeconfig has no context b; it has a$/,
    );
  });

  test('when there is none, outside a pod', () => {
    expect(() => loadKubeConfig([], server.clock)).toThrow(/^not in a pod and no kubeconfig named/);
  });
});

test('another context than the current one is taken when it is named', () => {
  const file = join(server.directory, 'two');
  writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'a',
      contexts: [
        { name: 'a', context: { cluster: 'a', user: 'a' } },
        { name: 'b', context: { cluster: 'b', user: 'b', namespace: 'shop' } },
      ],
      clusters: ['a', 'b'].map((name) => ({
        name,
        cluster: { server: `https://${name}.example` },
      })),
      users: ['a', 'b'].map((name) => ({ name, user: {} })),
    }),
  );
  const config = loadKubeConfig([file], server.clock, 'b');
  expect([config.serverUrl(), config.namespace()]).toEqual(['https://b.example', 'shop']);
});

function withServer(url: string): string {
  return JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server: url } }],
    users: [{ name: 'a', user: {} }],
  });
}

function execCredential(token: string): string {
  return JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token, expirationTimestamp: '2099-01-01T00:00:00Z' },
  });
}
