import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aClientCertificate, type ClientCertificate } from '../support/clientCertificate.ts';
import { clientSecret, startWorld, textAt, type StandInWorld } from '../support/standInWorld.ts';
import { startIssuer, type TokenIssuer } from '../support/tokenIssuer.ts';
import { goProgram, pythonProgram, runProgram, type SdkTask } from './sdkPrograms.ts';

const subject = 'system:serviceaccount:shop:shop';
type Way = 'workloadIdentity' | 'managedIdentity' | 'clientSecret' | 'clientCertificate';
type Environment = Readonly<Record<string, string>>;

let world: StandInWorld;
let issuer: TokenIssuer;
let directory: string;
let tokenFile: string;
/** Every program has these, and nothing of this process. */
let common: Environment;
/** Who is who, by client id. */
let application: string;
let system: string;
let user: string;
let registered: ClientCertificate;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sdk-tokens-'));
  // SDKs judge tokens and certificates by the machine's clock.
  world = await startWorld({ now: Date.now });
  issuer = await startIssuer(Date.now);
  registered = aClientCertificate({ notAfterMs: Date.now() + 86_400_000 });
  application = await world.addApplication({ certificates: [registered.certificatePem] });
  system = await world.addApplication({ kind: 'systemAssignedIdentity' });
  user = await world.addApplication({ kind: 'userAssignedIdentity' });
  await world.admin('POST /issuers', issuer.access);
  const credential = { clientId: application, issuer: issuer.access.issuer, subject };
  await world.admin('POST /federatedCredentials', credential);
  tokenFile = join(directory, 'token');
  await writeFile(tokenFile, await issuer.sign(subject));
  common = {
    HTTPS_PROXY: world.standIn.proxyUrl,
    // requests and Go each have a variable of their own.
    REQUESTS_CA_BUNDLE: world.standIn.caFile,
    SSL_CERT_FILE: world.standIn.caFile,
    AZURE_TENANT_ID: world.standIn.tenantId,
    AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
    HOME: directory,
  };
});
afterAll(async () => {
  await world.close();
  await issuer.close();
  await rm(directory, { recursive: true });
});

async function certificateFile({ keyPem, certificatePem }: ClientCertificate): Promise<string> {
  const file = join(directory, `${Math.random()}.pem`);
  await writeFile(file, keyPem + certificatePem);
  return file;
}

/** A virtual machine, scale set or AKS node, at its real address. */
const node = (): Environment => ({ HTTP_PROXY: world.standIn.proxyUrl });
/** App Service or Functions. */
const appService = (): Environment => ({
  IDENTITY_ENDPOINT: `${world.standIn.imdsEndpoint}/msi/token`,
  IDENTITY_HEADER: 'a header that only the host knows',
});
const asApplication = (): Environment => ({ AZURE_CLIENT_ID: application });

interface Case {
  readonly what: string;
  readonly way: Way;
  readonly environment: () => Environment | Promise<Environment>;
}

const granted: readonly (Case & { readonly as: () => string })[] = [
  {
    what: 'workload identity',
    way: 'workloadIdentity',
    environment: () => ({ ...asApplication(), AZURE_FEDERATED_TOKEN_FILE: tokenFile }),
    as: () => application,
  },
  {
    what: 'the system-assigned identity of a node',
    way: 'managedIdentity',
    environment: node,
    as: () => system,
  },
  {
    what: 'a user-assigned identity of a node',
    way: 'managedIdentity',
    environment: () => ({ ...node(), MANAGED_CLIENT_ID: user }),
    as: () => user,
  },
  {
    what: 'the system-assigned identity on App Service',
    way: 'managedIdentity',
    environment: appService,
    as: () => system,
  },
  {
    what: 'a user-assigned identity on App Service',
    way: 'managedIdentity',
    environment: () => ({ ...appService(), MANAGED_CLIENT_ID: user }),
    as: () => user,
  },
  {
    what: 'a client secret',
    way: 'clientSecret',
    environment: () => ({ ...asApplication(), CLIENT_SECRET: clientSecret }),
    as: () => application,
  },
  {
    what: 'a client certificate',
    way: 'clientCertificate',
    environment: async () => ({
      ...asApplication(),
      CERTIFICATE_FILE: await certificateFile(registered),
    }),
    as: () => application,
  },
];

const refused: readonly (Case & { readonly says: string })[] = [
  {
    what: 'a ServiceAccount that no federated credential names',
    way: 'workloadIdentity',
    environment: async () => {
      const file = join(directory, 'other-token');
      await writeFile(file, await issuer.sign('system:serviceaccount:shop:other'));
      return { ...asApplication(), AZURE_FEDERATED_TOKEN_FILE: file };
    },
    says: 'AADSTS700213',
  },
  {
    what: 'an identity that the node does not have',
    way: 'managedIdentity',
    environment: () => ({ ...node(), MANAGED_CLIENT_ID: application }),
    says: 'Identity not found',
  },
  {
    what: 'a wrong client secret',
    way: 'clientSecret',
    environment: () => ({ ...asApplication(), CLIENT_SECRET: 'guessed' }),
    says: 'AADSTS7000215',
  },
  {
    what: 'a certificate that is not registered',
    way: 'clientCertificate',
    environment: async () => ({
      ...asApplication(),
      CERTIFICATE_FILE: await certificateFile(
        aClientCertificate({ notAfterMs: Date.now() + 86_400_000 }),
      ),
    }),
    says: 'AADSTS700027',
  },
];

describe.each([
  ['Python', pythonProgram],
  ['Go', goProgram],
] as const)('the official %s identity SDK, unmodified,', (_language, programOf) => {
  const ask = async ({ way: by, environment }: Case): Promise<unknown> => {
    const task: SdkTask = 'get-token';
    const { command, args } = await programOf(task);
    const own = await environment();
    return runProgram({ command, args: [...args, by] }, { ...common, ...own });
  };

  // The first run installs or builds.
  test.each(granted)('gets a token by $what', { timeout: 600_000 }, async ({ as, ...given }) => {
    const token = textAt(await ask(given), 'token');

    expect(decodeJwt(token)).toMatchObject({ appid: as(), aud: 'https://vault.azure.net' });
    const vault = { vault: 'shop', clientId: as(), role: 'Key Vault Secrets User' };
    expect((await world.ask('GET /secrets/none', { token })).status).toBe(403);
    await world.admin('POST /roleAssignments', vault);
    expect((await world.ask('GET /secrets/none', { token })).status).toBe(404);
    await world.admin('POST /roleAssignments/remove', vault);
  });

  test.each(refused)('is told why it gets none for $what', { timeout: 600_000 }, async (given) => {
    expect(textAt(await ask(given), 'refusal')).toContain(given.says);
  });
});
