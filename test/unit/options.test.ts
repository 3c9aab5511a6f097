import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { azureClouds } from '../../src/api/cloud.ts';
import { reveal } from '../../src/core/redacted.ts';
import { flags } from '../../src/options/flags.ts';
import { readOptions } from '../../src/options/options.ts';
import { OptionsError } from '../../src/options/optionsError.ts';
import { createCertificateAuthority } from '../testbed/azure/certificateAuthority.ts';

const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-options-'));
const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const pem = createCertificateAuthority('a').certificatePem;
const variables = [
  'KUBECONFIG',
  'AZURE_TENANT_ID',
  'AZURE_AUTHORITY_HOST',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'AZURE_KUBERNETES_CA_FILE',
  'AZURE_KUBERNETES_CA_DATA',
  ...['HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
];

beforeEach(() => {
  for (const name of variables) vi.stubEnv(name, undefined);
});

afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('options', () => {
  test('have defaults that need no flag', () => {
    expect(readOptions([])).toEqual({
      leaderElect: false,
      leaseNamespace: 'vaultsecret-system',
      leaseName: 'vaultsecret',
      watchNamespace: [],
      instance: expect.stringMatching(/_\d+$/),
      listen: { host: '0.0.0.0', port: 8080 },
      metricsListen: { host: '0.0.0.0', port: 8443 },
      kubeconfig: [],
      homeCloud: azureClouds.AzurePublic,
      instanceMetadataEndpoint: 'http://169.254.169.254',
      resolve: [],
      caFile: [],
      logLevel: 'info',
      maxConcurrentReconciles: 32,
    });
    expect(readOptions([])).toSatisfy(Object.isFrozen);
  });

  test.each([
    ['--kubeconfig=a:b', { kubeconfig: ['a:b'] }],
    ['--leader-elect', { leaderElect: true }],
    ['--lease-namespace=system', { leaseNamespace: 'system' }],
    ['--lease-name=second', { leaseName: 'second' }],
    ['--listen=:0', { listen: { host: '0.0.0.0', port: 0 } }],
    ['--listen=127.0.0.1:9090', { listen: { host: '127.0.0.1', port: 9090 } }],
    ['--listen=[::1]:9090', { listen: { host: '::1', port: 9090 } }],
    [`--azure-tenant-id=${tenant}`, { azureTenantId: tenant }],
    [
      '--azure-authority-host=https://a.b/',
      { homeCloud: { name: 'AzurePublic', authorityHost: 'https://a.b' } },
    ],
    [
      '--azure-authority-host=https://login.microsoftonline.us',
      { homeCloud: azureClouds.AzureUSGovernment },
    ],
    ['--cloud=AzureChina', { homeCloud: azureClouds.AzureChina }],
    [
      '--resolve=*.Vault.azure.net=127.0.0.1:8443',
      { resolve: [{ host: '*.vault.azure.net', address: '127.0.0.1', port: 8443 }] },
    ],
    ['--resolve=a.b=[::1]:443', { resolve: [{ host: 'a.b', address: '::1', port: 443 }] }],
    ['--log-level=debug', { logLevel: 'debug' }],
    ['--max-concurrent-reconciles=8', { maxConcurrentReconciles: 8 }],
  ])('take %s', (argument, expected) => {
    expect(readOptions([argument])).toMatchObject(expected);
  });

  test('take --resolve and --ca-file more than once', () => {
    const [a, b] = [file('a.pem', pem), file('b.pem', `some words\n${pem}${pem}`)];
    const resolve = ['--resolve=a.b=c.d:1', '--resolve=e.f=g.h:2'];
    const options = readOptions([...resolve, '--ca-file', a, '--ca-file', b]);
    expect(options.resolve.map(({ address }) => address)).toEqual(['c.d', 'g.h']);
    expect(options.caFile).toEqual([pem, `some words\n${pem}${pem}`]);
  });

  test('come from the environment where no flag says otherwise', () => {
    vi.stubEnv('KUBECONFIG', 'from-env');
    vi.stubEnv('AZURE_TENANT_ID', tenant);
    vi.stubEnv('AZURE_AUTHORITY_HOST', 'https://login.chinacloudapi.cn/');
    expect(readOptions([])).toMatchObject({
      kubeconfig: ['from-env'],
      azureTenantId: tenant,
      homeCloud: { name: 'AzureChina', authorityHost: 'https://login.chinacloudapi.cn' },
    });
    expect(readOptions(['--kubeconfig=flag']).kubeconfig).toEqual(['flag']);
  });

  test('take several kubeconfigs from the variable alone, empty names passed over', () => {
    vi.stubEnv('KUBECONFIG', `:a:${directory}/b::`);

    expect(readOptions([]).kubeconfig).toEqual(['a', `${directory}/b`]);
    expect(readOptions(['--kubeconfig=a:b']).kubeconfig).toEqual(['a:b']);
  });

  test('take an empty variable for an unset one', () => {
    for (const name of variables) vi.stubEnv(name, '');
    const { homeCloud, kubeconfig, azureTenantId, proxy } = readOptions([]);
    expect(homeCloud).toEqual(azureClouds.AzurePublic);
    expect([kubeconfig, azureTenantId, proxy]).toEqual([[], undefined, undefined]);
  });

  test('take the proxy of identity bindings from the variables of AKS, when told to use it', () => {
    vi.stubEnv('AZURE_KUBERNETES_TOKEN_PROXY', 'https://10.0.0.1:443/proxy');
    vi.stubEnv('AZURE_KUBERNETES_SNI_NAME', 'x.ests.aks');
    vi.stubEnv('AZURE_KUBERNETES_CA_FILE', '/ca.crt');

    expect(readOptions([]).identityBindings).toBeUndefined();
    expect(readOptions(['--identity-bindings']).identityBindings).toEqual({
      url: 'https://10.0.0.1:443/proxy',
      serverName: 'x.ests.aks',
      caFile: '/ca.crt',
    });
  });

  test.each([
    ['', /--identity-bindings needs an https URL in AZURE_KUBERNETES_TOKEN_PROXY/],
    ['http://10.0.0.1', /needs an https URL/],
    ['https://user@10.0.0.1', /--identity-bindings .*must have no user/],
  ])('refuse %j as the proxy of identity bindings', (url, says) => {
    vi.stubEnv('AZURE_KUBERNETES_TOKEN_PROXY', url);

    expect(() => readOptions(['--identity-bindings'])).toThrow(says);
  });

  test('take the proxy from the usual variables, in small letters first, and show no password', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://other:3128');
    vi.stubEnv('https_proxy', 'http://user:hunter2@proxy:3128');
    vi.stubEnv('NO_PROXY', '.local,10.0.0.1');
    const { proxy } = readOptions([]);
    expect(proxy?.bypass).toBe('.local,10.0.0.1');
    expect(proxy && reveal(proxy.url)).toBe('http://user:hunter2@proxy:3128');
    expect(inspect(readOptions([]), { depth: null, showHidden: true })).not.toContain('hunter2');
  });
});

test('the token file of the pod is told to us alone: a library would use it in place of a managed identity', () => {
  vi.stubEnv('AZURE_CLIENT_ID', tenant);
  vi.stubEnv('AZURE_FEDERATED_TOKEN_FILE', '/var/run/token');
  vi.stubEnv('IDENTITY_ENDPOINT', 'http://169.254.130.4/msi/token');

  const { controllerIdentity } = readOptions([]);

  expect(controllerIdentity).toEqual({ clientId: tenant, tokenFile: '/var/run/token' });
  expect(process.env).not.toHaveProperty('AZURE_FEDERATED_TOKEN_FILE');
  expect(process.env).not.toHaveProperty('IDENTITY_ENDPOINT');
});

test('a cloud that is not the one of the authority is refused', () => {
  const flagsOfTwo = [
    '--cloud=AzureChina',
    '--azure-authority-host=https://login.microsoftonline.us',
  ];
  expect(() => readOptions(flagsOfTwo)).toThrow(
    '--cloud is not the cloud of https://login.microsoftonline.us, which is AzureUSGovernment',
  );
});

describe('a value that cannot be used is refused in one line that names it', () => {
  test.each<readonly [string, string | RegExp]>([
    ['--listen=8080', '--listen must be HOST:PORT or :PORT'],
    ['--listen=:99999', '--listen has a port above 65535'],
    ['--lease-namespace=', '--lease-namespace must be the name of a namespace'],
    ['--azure-tenant-id=contoso', '--azure-tenant-id must be a UUID'],
    ['--azure-authority-host=http://a.b', '--azure-authority-host must be an https URL'],
    ['--cloud=AzureGermany', '--cloud must be AzurePublic, AzureChina or AzureUSGovernment'],
    ['--resolve=a.b', '--resolve must be HOST=ADDRESS:PORT, not a.b'],
    ['--resolve=a.b=c.d:99999', '--resolve must be HOST=ADDRESS:PORT, not a.b=c.d:99999'],
    ['--ca-file=/nowhere.pem', '--ca-file cannot read /nowhere.pem'],
    ['--log-level=loud', '--log-level must be trace, debug, info, warn, error or fatal'],
    ...['0', '1001', '1.5', 'many', ''].map(
      (count) =>
        [
          `--max-concurrent-reconciles=${count}`,
          '--max-concurrent-reconciles must be a whole number from 1 to 1000',
        ] as const,
    ),
    ['--nonsense', "Unknown option '--nonsense'; see vaultsecret run --help"],
    ['--leader-elect=maybe', /leader-elect.*; see vaultsecret run --help$/],
    ['--listen', /listen.*; see vaultsecret run --help$/],
    ['stray', /stray.*; see vaultsecret run --help$/],
  ])('%s', (argument, message) => {
    expect(() => readOptions([argument])).toThrow(OptionsError);
    expect(() => readOptions([argument])).toThrow(message);
    expect(() => readOptions([argument])).not.toThrow(/\n/);
  });

  test('take the certificate authority of that proxy from a variable of its own', () => {
    vi.stubEnv('AZURE_KUBERNETES_TOKEN_PROXY', 'https://10.0.0.1');
    vi.stubEnv('AZURE_KUBERNETES_CA_DATA', pem);

    expect(readOptions(['--identity-bindings']).identityBindings).toEqual({
      url: 'https://10.0.0.1',
      caData: pem,
    });
  });

  test.each([
    [
      { FILE: '/ca.crt', DATA: pem },
      /^--identity-bindings takes .*AZURE_KUBERNETES_CA_FILE or from AZURE_KUBERNETES_CA_DATA; unset one of the two$/,
    ],
    [
      { DATA: 'none' },
      '--identity-bindings cannot be used: AZURE_KUBERNETES_CA_DATA holds no PEM certificate',
    ],
    [
      { DATA: pem.replace('MII', 'AAA') },
      '--identity-bindings cannot be used: AZURE_KUBERNETES_CA_DATA holds a broken certificate',
    ],
  ])('refuse certificate authorities of that proxy that cannot be meant', (ca, says) => {
    vi.stubEnv('AZURE_KUBERNETES_TOKEN_PROXY', 'https://10.0.0.1');
    for (const [name, value] of Object.entries(ca))
      vi.stubEnv(`AZURE_KUBERNETES_CA_${name}`, value);

    expect(() => readOptions(['--identity-bindings'])).toThrow(says);
  });

  test.each([
    ['no certificate', 'holds no PEM certificate'],
    [pem.replace('MII', 'AAA'), 'holds a broken certificate'],
  ])('a --ca-file of the wrong kind', (text, problem) => {
    const path = file('wrong.pem', text);
    expect(() => readOptions(['--ca-file', path])).toThrow(`--ca-file ${path} ${problem}`);
  });

  test.each([
    ['AZURE_TENANT_ID', 'contoso', 'AZURE_TENANT_ID must be a UUID'],
    ['AZURE_AUTHORITY_HOST', 'nowhere', 'AZURE_AUTHORITY_HOST must be an https URL'],
    [
      'AZURE_POD_IDENTITY_AUTHORITY_HOST',
      'nowhere',
      'AZURE_POD_IDENTITY_AUTHORITY_HOST must be an http URL',
    ],
    ['HTTPS_PROXY', 'user:hunter2@proxy', /^HTTPS_PROXY must be an http or https URL$/],
  ])('the variable %s', (name, value, message) => {
    vi.stubEnv(name, value);
    expect(() => readOptions([])).toThrow(message);
  });
});

test('every flag that takes a value says how it is called', () => {
  for (const flag of Object.values(flags)) {
    expect('value' in flag).toBe(flag.type === 'string');
    expect(flag.help).toMatch(/\.$/);
  }
});
