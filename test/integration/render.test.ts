import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { tokenExchangeAudience } from '../../src/api/meta.ts';
import { errorCatalogue, type ErrorReason } from '../../src/core/errors/errorCatalogue.ts';
import { openWorld } from '../testbed/world.ts';
import type { Team } from '../testbed/stage.ts';
import { outcomeOf, type Outcome } from './program.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
const value = 'it\'s a \\ "$HOME"\n`canary`';
const virtualMachine = { AZURE_POD_IDENTITY_AUTHORITY_HOST: testbed.azure.imdsEndpoint };
const appService = {
  IDENTITY_ENDPOINT: `${testbed.azure.imdsEndpoint}/msi/token`,
  IDENTITY_HEADER: 'header',
};
let directory: string;
let manifest: string;
let team: Team;
let pod: Readonly<Record<string, string>>;
let own: string;
let manifests = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-render-'));
  team = await stage.createTeam();
  const { namespace, vault, clientId, serviceAccountName } = team;
  own = `--identity-client-id=${clientId}`;
  await azure.putSecret(vault, 'db-password', { value });
  await azure.putSecret(vault, 'key', {
    value: Buffer.from([0, 159, 146, 150]).toString('base64'),
  });
  manifest = await manifestOf(['{dataKey: DB_PASSWORD, secret: {name: db-password}}']);
  const tokenFile = join(directory, 'token');
  const at = { namespace, name: serviceAccountName };
  await writeFile(tokenFile, await kube.requestToken(at, { audience: tokenExchangeAudience }));
  pod = {
    AZURE_CLIENT_ID: clientId,
    AZURE_TENANT_ID: testbed.azure.tenantId,
    AZURE_FEDERATED_TOKEN_FILE: tokenFile,
  };
});

afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

async function manifestOf(data: readonly string[], more = ''): Promise<string> {
  manifests += 1;
  const file = join(directory, `${manifests}.yaml`);
  const { namespace, vaultUrl } = team;
  await writeFile(
    file,
    `apiVersion: vaultsecret.dev/v1alpha1
kind: VaultSecret
metadata: {name: app, namespace: ${namespace}}
spec:
  vaultUrl: ${vaultUrl}
  serviceAccountName: app
${data.map((entry) => `    - ${entry}`).reduce((all, line) => `${all}\n${line}`, '  data:')}
${more}`,
  );
  return file;
}

function render(
  env: Readonly<Record<string, string>>,
  file: string,
  ...args: readonly string[]
): Promise<Outcome> {
  const { vaultAddress, entraAddress, caFile } = testbed.azure;
  const way = [
    `--resolve=*.vault.azure.net=${vaultAddress}`,
    `--resolve=login.microsoftonline.com=${entraAddress}`,
    `--ca-file=${caFile}`,
  ];
  return outcomeOf(testbed, ['render', '-f', file, ...way, ...args], env);
}

const quoted = `DB_PASSWORD='it'\\''s a \\ "$HOME"\n\`canary\`'\n`;
const rendered = { status: 0, output: quoted, errors: '' };

describe('without Kubernetes, the Secret of a VaultSecret is read', () => {
  test('on a virtual machine, by a user-assigned identity', async () => {
    expect(await render(virtualMachine, manifest, '--as=env', own)).toEqual(rendered);
  });

  test('on App Service and Functions', async () => {
    expect(await render(appService, manifest, '--as=env', own)).toEqual(rendered);
  });

  test('in a pod, with its workload identity', async () => {
    expect(await render(pod, manifest, '--as=env')).toEqual(rendered);
  });

  test('by the system-assigned identity where none is named, and by no other', async () => {
    const [system] = await azure.createApplications({ kind: 'systemAssignedIdentity' });
    const clientId = system?.clientId ?? '';
    onTestFinished(async () => void (await azure.call('DELETE', `/applications/${clientId}`)));
    const { vault } = team;
    const before = await render(virtualMachine, manifest, '--as=env');
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });

    expect(before).toMatchObject({ status: 1, output: '' });
    expect(before.errors).toContain(`VS315: Client ${clientId} has no role`);
    expect(await render(virtualMachine, manifest, '--as=env')).toEqual(rendered);
  });
});

describe('what is read is written', () => {
  test('so that a shell has it back as it was', async () => {
    const { output } = await render(pod, manifest, '--as=env');
    const file = join(directory, 'app.env');
    await writeFile(file, output);
    const { execFileSync } = await import('node:child_process');
    const script = `set -a; . '${file}'; printf %s "$DB_PASSWORD"`;
    expect(execFileSync('/bin/sh', ['-euc', script], { encoding: 'utf8' })).toBe(value);
  });

  test('into files that are whole and for their owner alone, and nothing to the terminal', async () => {
    const file = await manifestOf([
      '{dataKey: tls.key, secret: {name: key}, decode: base64}',
      '{dataKey: DB_PASSWORD, secret: {name: db-password}}',
    ]);
    const folder = join(directory, 'files');
    for (const run of ['first', 'second']) {
      const outcome = await render(pod, file, '--as=files', `--output=${folder}`);
      expect({ run, ...outcome }).toEqual({
        run,
        status: 0,
        output: '',
        errors: `wrote ${folder}/tls.key\nwrote ${folder}/DB_PASSWORD\n`,
      });
    }

    expect((await readdir(folder)).toSorted()).toEqual(['DB_PASSWORD', 'tls.key']);
    expect(await readFile(join(folder, 'DB_PASSWORD'), 'utf8')).toBe(value);
    expect([...(await readFile(join(folder, 'tls.key')))]).toEqual([0, 159, 146, 150]);
    const { mode } = await stat(join(folder, 'tls.key'));
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  test('as the Secret that the controller would write', async () => {
    const file = await manifestOf(
      ['{dataKey: DB_PASSWORD, secret: {name: db-password}}'],
      '  target: {name: db, labels: {app: shop}}\n',
    );
    const { output } = await render(pod, file, '--as=yaml');
    const { parse } = await import('yaml');

    expect(parse(output)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: team.namespace, labels: { app: 'shop' } },
      type: 'Opaque',
      data: { DB_PASSWORD: Buffer.from(value).toString('base64') },
    });
  });

  test('not at all when one object of several fails, and each failure is explained', async () => {
    const file = await manifestOf([
      '{dataKey: A, secret: {name: db-password}}',
      '{dataKey: B, secret: {name: missing}}',
      '{dataKey: C, secret: {name: gone}}',
    ]);
    const folder = join(directory, 'partial');
    const { status, output, errors } = await render(pod, file, '--as=files', `-o${folder}`);

    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect(errors.match(/^VS3\d\d: .*(missing|gone)/gm)).toHaveLength(2);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});

const codeOf = (reason: ErrorReason): string => `${errorCatalogue[reason].code}: `;

describe('the explanation, by the catalogue and with status 1, of', () => {
  const nobody = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9' };
  const unknownId = '44444444-4444-4444-8444-444444444444';

  test.each<[string, () => Promise<Outcome>, string]>([
    [
      'no identity at all',
      () => render(nobody, manifest, '--as=env'),
      codeOf('HostIdentityUnreachable'),
    ],
    [
      'an identity that the host does not have',
      () => render(virtualMachine, manifest, '--as=env', `--identity-client-id=${unknownId}`),
      `${codeOf('HostIdentityNotAssigned')}This host does not have the identity ${unknownId} (status 400).`,
    ],
    [
      'the same on App Service',
      () => render(appService, manifest, '--as=env', `--identity-client-id=${unknownId}`),
      codeOf('HostIdentityNotAssigned'),
    ],
    [
      'a token file that is gone',
      () => render({ ...pod, AZURE_FEDERATED_TOKEN_FILE: '/nowhere' }, manifest, '--as=env'),
      `${codeOf('HostTokenFileUnreadable')}The token that AZURE_FEDERATED_TOKEN_FILE names cannot be read (ENOENT).`,
    ],
    [
      'a pod without a tenant',
      () => render({ ...pod, AZURE_TENANT_ID: '' }, manifest, '--as=env'),
      codeOf('HostTenantMissing'),
    ],
    [
      'an identity that does not trust the pod',
      () => render({ ...pod, AZURE_CLIENT_ID: unknownId }, manifest, '--as=env'),
      codeOf('ApplicationNotFound'),
    ],
  ])('%s', async (_, run, explanation) => {
    const { status, output, errors } = await run();

    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect(errors).toContain(explanation);
  });

  test('a host that throttles', async () => {
    onTestFinished(async () => void (await azure.call('DELETE', '/imds/faults')));
    await azure.call('PUT', '/imds/faults', { throttle: {} });

    const { status, errors } = await render(virtualMachine, manifest, '--as=env', own);
    expect(status).toBe(1);
    expect(errors).toContain(
      `${codeOf('HostIdentityRefused')}What gives tokens on this host answered with status 429.`,
    );
  });
});

describe('render refuses', () => {
  test.each<[string, () => Promise<Outcome>, string]>([
    ['no format', () => render(pod, manifest), '--as must be env, files or yaml'],
    [
      'files without a folder',
      () => render(pod, manifest, '--as=files'),
      '--as files needs --output DIR',
    ],
    [
      'a data key that names no variable',
      async () =>
        render(
          pod,
          await manifestOf(['{dataKey: tls.crt, secret: {name: db-password}}']),
          '--as=env',
        ),
      'data key tls.crt cannot name a variable',
    ],
    [
      'bytes as a variable',
      async () =>
        render(
          pod,
          await manifestOf(['{dataKey: KEY, secret: {name: key}, decode: base64}']),
          '--as=env',
        ),
      'the value of KEY is no text',
    ],
    [
      'two names of an identity',
      () => render(virtualMachine, manifest, '--as=env', own, own.replace('client', 'object')),
      'exclude each other',
    ],
    [
      'a folder that cannot be made',
      () => render(pod, manifest, '--as=env', `--output=${manifest}/x`),
      '/x: ENOTDIR',
    ],
  ])('%s', async (_, run, problem) => {
    const { status, output, errors } = await run();

    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(problem);
    expect(errors).not.toContain('canary');
  });
});
