import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  at,
  clientSecret,
  startWorld,
  textAt,
  type StandInWorld,
} from '../support/standInWorld.ts';
import { startIssuer, type TokenIssuer } from '../support/tokenIssuer.ts';
import { goProgram, pythonProgram, runProgram, type SdkProgram } from './sdkPrograms.ts';

const subject = 'system:serviceaccount:shop:shop';
const expires = 2_000_000_000;

let world: StandInWorld;
let issuer: TokenIssuer;
let directory: string;
let environment: Record<string, string>;
let versions: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sdk-'));
  // SDKs judge tokens by the machine's clock.
  world = await startWorld({ now: Date.now });
  issuer = await startIssuer(Date.now);
  const clientId = await world.addApplication();
  const stranger = await world.addApplication();
  await world.admin('POST /issuers', issuer.access);
  const credential = { clientId, issuer: issuer.access.issuer, subject };
  await world.admin('POST /federatedCredentials', credential);
  const role = 'Key Vault Secrets Officer';
  await world.admin('POST /roleAssignments', { vault: 'shop', clientId, role });
  versions = await fillVault(world);
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, await issuer.sign(subject));
  environment = {
    VAULT_URL: 'https://shop.vault.azure.net',
    HTTPS_PROXY: world.standIn.proxyUrl,
    // requests and Go each have a variable of their own.
    REQUESTS_CA_BUNDLE: world.standIn.caFile,
    SSL_CERT_FILE: world.standIn.caFile,
    AZURE_TENANT_ID: world.standIn.tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_FEDERATED_TOKEN_FILE: tokenFile,
    AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
    STRANGER_CLIENT_ID: stranger,
    STRANGER_CLIENT_SECRET: clientSecret,
    HOME: directory,
  };
});
afterAll(async () => {
  await world.close();
  await issuer.close();
  await rm(directory, { recursive: true });
});

/** Two versions of `db`, a disabled secret, and as many more as make three pages. */
async function fillVault(of: StandInWorld): Promise<string[]> {
  const path = '/vaults/shop/secrets';
  const first = await of.admin(`PUT ${path}/db`, { value: 'one', created: 1_700_000_000 });
  const second = await of.admin(`PUT ${path}/db`, { value: 'two', tags: { team: 'a' }, expires });
  await of.admin(`PUT ${path}/disabled`, { value: 'v', enabled: false });
  await of.admin(
    `POST ${path}`,
    Array.from({ length: 58 }, (_, index) => ({ name: `more-${index}`, value: 'v' })),
  );
  await of.admin('PUT /vaults/shop/faults', { kinds: ['backup'], throttle: {} });
  return [first, second].map(({ body }) => textAt(body, 'version'));
}

test.each<[string, () => Promise<SdkProgram>]>([
  ['Python', async () => pythonProgram('read')],
  ['Go', async () => goProgram('read')],
])(
  'the official %s SDKs, unmodified, read, list and understand refusals',
  async (_language, programOf) => {
    await world.admin('DELETE /requestCounts');

    const report = await runProgram(await programOf(), environment);

    expect(report).toEqual({
      value: 'two',
      tags: { team: 'a' },
      expiresOn: expires,
      newestVersion: versions[1],
      firstValue: 'one',
      versions,
      names: expect.any(Array),
      missing: expect.objectContaining({ status: 404, code: 'SecretNotFound' }),
      disabled: { status: 403, code: 'Forbidden', innerCode: 'SecretDisabled' },
      forbidden: { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByRbac' },
      throttled: expect.objectContaining({ status: 429, code: 'Throttled' }),
    });
    const names = at(report, 'names');
    expect(Array.isArray(names) && new Set(names).size).toBe(60);
    const { body } = await world.admin('GET /requestCounts');
    expect(at(body, 'counts')).toContainEqual(
      expect.objectContaining({
        kind: 'token',
        status: 200,
        clientId: environment['AZURE_CLIENT_ID'],
      }),
    );
  },
  // The first run installs or builds.
  600_000,
);
