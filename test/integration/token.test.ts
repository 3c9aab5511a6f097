import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { tokenExchangeAudience } from '../../src/api/meta.ts';
import { errorCatalogue } from '../../src/core/errors/errorCatalogue.ts';
import { openWorld } from '../testbed/world.ts';
import { oneLine, outcomeOf, type Outcome } from './program.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { azure, kube, stage } = world;
const { imdsEndpoint, tenantId } = testbed.azure;
const closed = 'http://127.0.0.1:1';

type Variables = Readonly<Record<string, string>>;
type Identity = z.infer<typeof identitySchema>;
const identitySchema = z.looseObject({
  clientId: z.string(),
  objectId: z.string(),
  resourceId: z.string(),
});

const virtualMachine = { AZURE_POD_IDENTITY_AUTHORITY_HOST: imdsEndpoint };
const appService = {
  IDENTITY_ENDPOINT: `${imdsEndpoint}/msi/token`,
  IDENTITY_HEADER: 'header',
};
let directory: string;
let system: Identity;
let user: Identity;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-token-'));
  system = await identity('systemAssignedIdentity');
  user = await identity('userAssignedIdentity');
});
afterEach(() => azure.call('DELETE', '/imds/faults'));
afterAll(async () => {
  for (const { clientId } of [system, user])
    await azure.call('DELETE', `/applications/${clientId}`);
  await world.close();
  await rm(directory, { recursive: true });
});

async function identity(kind: 'systemAssignedIdentity' | 'userAssignedIdentity') {
  const [created] = await azure.createApplications({ kind });
  return identitySchema.parse(created);
}

async function pod(): Promise<Variables> {
  const { namespace, serviceAccountName: name, clientId } = await stage.createTeam();
  const file = join(directory, clientId);
  const token = await kube.requestToken({ namespace, name }, { audience: tokenExchangeAudience });
  await writeFile(file, token);
  return {
    AZURE_CLIENT_ID: clientId,
    AZURE_TENANT_ID: tenantId,
    AZURE_FEDERATED_TOKEN_FILE: file,
  };
}

function run(env: Variables, ...args: readonly string[]): Promise<Outcome> {
  const way = [
    `--resolve=login.microsoftonline.com=${testbed.azure.entraAddress}`,
    `--ca-file=${testbed.azure.caFile}`,
  ];
  return outcomeOf(testbed, ['token', ...way, ...args], env);
}

async function described(env: Variables, ...args: readonly string[]): Promise<unknown> {
  const { status, output, errors } = await run(env, '--output=json', ...args);
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  return JSON.parse(output);
}

function ids({ clientId, objectId }: Identity) {
  return { clientId, objectId, tenantId, audience: 'https://vault.azure.net' };
}

describe('which identity this is, is told', () => {
  test('on a virtual machine: the system-assigned one', async () => {
    expect(await described(virtualMachine)).toMatchObject({
      kind: 'instanceMetadata',
      ...ids(system),
      resourceId: expect.stringContaining('/'),
      expiresOn: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test.each<readonly [string, () => string]>([
    ['client id', () => `--identity-client-id=${user.clientId}`],
    ['object id', () => `--identity-object-id=${user.objectId}`],
  ])('on a virtual machine: a user-assigned one by its %s', async (_, flag) => {
    expect(await described(virtualMachine, flag())).toMatchObject(ids(user));
  });

  test('on App Service and Functions', async () => {
    const flag = `--identity-client-id=${user.clientId}`;

    expect(await described(appService, flag)).toMatchObject({ kind: 'appService', ...ids(user) });
  });

  test('in a pod with workload identity', async () => {
    const variables = await pod();

    expect(await described(variables)).toMatchObject({
      kind: 'workloadIdentity',
      clientId: variables['AZURE_CLIENT_ID'],
      tenantId,
    });
  });

  test('for whatever resource is asked for', async () => {
    expect(await described(virtualMachine, '--resource=storage')).toMatchObject({
      audience: 'https://storage.azure.com',
    });
  });
});

test('the token itself is shown only to whoever asks for it', async () => {
  const { output } = await run(virtualMachine);
  const shown = await run(virtualMachine, '--show-token');

  expect(output).toContain(`client id    ${system.clientId}\n`);
  expect(output).not.toContain('eyJ');
  expect(shown.output).toMatch(/^token {8}eyJ[\w-]+\.[\w-]+\.[\w-]+$/m);
});

describe('what is wrong is said in one line', () => {
  test('an identity that the host does not have', async () => {
    await azure.call('PUT', '/imds/faults', { unassigned: [user.clientId] });

    const flag = `--identity-client-id=${user.clientId}`;

    expect(await run(virtualMachine, flag)).toEqual(
      oneLine(1, `${errorCatalogue.HostIdentityNotAssigned.code}: This host does not have`),
    );
  });

  test('a host that gives no tokens', async () => {
    const nowhere = { AZURE_POD_IDENTITY_AUTHORITY_HOST: closed };

    expect(await run(nowhere)).toEqual(
      oneLine(
        1,
        `${errorCatalogue.HostIdentityUnreachable.code}: Nothing on this host gives tokens`,
      ),
    );
  });

  test('a host that throttles', async () => {
    await azure.call('PUT', '/imds/faults', { throttle: {} });

    expect(await run(virtualMachine)).toEqual(
      oneLine(1, `${errorCatalogue.HostIdentityRefused.code}: What gives tokens on this host`),
    );
  });

  test('a token file that is gone', async () => {
    const variables = { ...(await pod()), AZURE_FEDERATED_TOKEN_FILE: join(directory, 'gone') };

    const { code } = errorCatalogue.HostTokenFileUnreadable;
    expect(await run(variables)).toEqual(oneLine(1, `${code}: The token that`));
    expect(await run(variables)).toEqual(oneLine(1, /cannot be read \(ENOENT\)/));
  });

  test('a pod without a tenant', async () => {
    const { AZURE_TENANT_ID: _, ...variables } = await pod();

    expect(await run(variables)).toEqual(
      oneLine(1, `${errorCatalogue.HostTenantMissing.code}: This pod has a token file`),
    );
  });

  test('a host that answers with another identity than was asked for', async () => {
    await azure.call('PUT', '/imds/faults', { answerAs: system.clientId });

    const flag = `--identity-client-id=${user.clientId}`;

    const { status, output, errors } = await run(virtualMachine, flag, '--show-token');

    expect(status).toBe(1);
    expect(output).not.toContain('eyJ');
    expect(errors).toContain(`not the identity that was asked for, ${user.clientId}`);
  });

  test.each([
    ['--resource=everything', '--resource must be one of arm, keyVault'],
    ['--output=yaml', '--output must be table or json'],
    ['--identity-client-id=me', '--identity-client-id must be a UUID'],
  ])('%s', async (flag, line) => {
    expect(await run(virtualMachine, flag)).toEqual(oneLine(2, line));
  });
});
