import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readKubeconfig } from '../../../src/kube/kubeconfigFile.ts';

const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-kubeconfig-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** In a folder of its own. */
function file(name: string, kubeconfig: object | string): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'config');
  writeFileSync(path, typeof kubeconfig === 'string' ? kubeconfig : JSON.stringify(kubeconfig));
  return path;
}

const cluster = (name: string, server: string, more: object = {}) => ({
  name,
  cluster: { server: `https://${server}`, ...more },
});
const context = (name: string, user: string, namespace?: string) => ({
  name,
  context: { cluster: name, user, ...(namespace === undefined ? {} : { namespace }) },
});

const first = file('first', {
  'current-context': 'red',
  clusters: [cluster('red', 'red.first')],
  contexts: [context('red', 'red', 'first')],
  users: [{ name: 'red', user: { tokenFile: 'token' } }],
});
const second = file('second', {
  'current-context': 'blue',
  clusters: [
    cluster('red', 'red.second'),
    cluster('blue', 'blue.second', { 'certificate-authority': 'ca.crt' }),
  ],
  contexts: [context('red', 'blue', 'second'), context('blue', 'blue')],
  users: [
    { name: 'red', user: { token: 'of-second', 'client-key': 'red.key' } },
    {
      name: 'blue',
      user: {
        'client-certificate': 'certs/blue.crt',
        'client-key': '/keys/blue.key',
        exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './login' },
      },
    },
  ],
});

describe('several kubeconfigs', () => {
  test('are one, in which the first that says a thing counts, and nothing of the others', () => {
    const config = readKubeconfig([first, second]);

    expect(config.getCurrentContext()).toBe('red');
    expect(config.getClusters().map(({ name, server }) => `${name} ${server}`)).toEqual([
      'red https://red.first',
      'blue https://blue.second',
    ]);
    expect(config.getContextObject('red')).toMatchObject({ user: 'red', namespace: 'first' });
    expect(config.getUser('red')).toMatchObject({
      authProvider: { name: 'tokenFile', config: { tokenFile: join(directory, 'first', 'token') } },
    });
    expect(config.getUser('red')).not.toHaveProperty('token', 'of-second');
    expect(config.getUser('red')?.keyFile).toBeUndefined();
  });

  test('have the current context of the first that has one', () => {
    const none = file('none', { clusters: [], users: [], contexts: [] });

    expect(readKubeconfig([none, second, first]).getCurrentContext()).toBe('blue');
  });

  test('have paths that start where each file stands', () => {
    const config = readKubeconfig([first, second], 'blue');

    expect(config.getCurrentCluster()?.caFile).toBe(join(directory, 'second', 'ca.crt'));
    expect(config.getCurrentUser()).toMatchObject({
      certFile: join(directory, 'second', 'certs/blue.crt'),
      keyFile: '/keys/blue.key',
      exec: { command: join(directory, 'second', 'login') },
    });
  });

  test('may be missing or empty, as long as one is there', () => {
    const files = [join(directory, 'gone'), file('empty', ''), first];

    expect(readKubeconfig(files).getCurrentContext()).toBe('red');
    expect(() => readKubeconfig(['/gone/a', '/gone/b'])).toThrow(
      /^none of the kubeconfigs is there: \/gone\/a, \/gone\/b$/,
    );
  });

  test('are told apart when one of them cannot be read', () => {
    const broken = file('broken', '{');

    expect(() => readKubeconfig([first, broken])).toThrow(`cannot read kubeconfig ${broken}: `);
  });

  test('have all their contexts to choose from', () => {
    expect(() => readKubeconfig([first, second], 'green')).toThrow(
      'the kubeconfig has no context green; it has blue, red',
    );
  });
});

test('a plug-in without a slash is looked up in the PATH', () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'kubelogin' };
  const path = file('plugin', {
    'current-context': 'red',
    clusters: [cluster('red', 'red')],
    contexts: [context('red', 'red')],
    users: [{ name: 'red', user: { exec } }],
  });

  expect(readKubeconfig([path]).getCurrentUser()?.exec).toEqual(exec);
});
