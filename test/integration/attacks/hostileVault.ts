import { clientIdAnnotation, tenantIdAnnotation } from '../../../src/api/meta.ts';
import { serviceAccounts } from '../../testbed/kubeResources.ts';
import type { Testbed } from '../../testbed/testbedFile.ts';
import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { data } from '../syncedVaultSecret.ts';
import type { HostileAnswer, HostileHost, SeenRequest } from './hostileHost.ts';

export const audience = 'https://vault.azure.cn';
export const entra = 'https://login.partner.microsoftonline.cn';
/** Of the identity that reads the hostile vaults, in the cloud whose suffix they have. */
export const tenantId = '5c1a0000-0000-4000-8000-000000000001';
export const value = 'hunter2';

export const challenge = (header: string): HostileAnswer => ({
  status: 401,
  headers: { 'www-authenticate': header },
});

export const naming = (authority: string, resource = audience): HostileAnswer =>
  challenge(`Bearer authorization="${authority}", resource="${resource}"`);

/** What a real vault of that tenant says. */
export const honest = naming(`${entra}/${tenantId}`);

/** A whole and honest answer. */
export const found = ({ host }: SeenRequest): HostileAnswer => {
  const id = `https://${host}/secrets/password/0123456789abcdef0123456789abcdef`;
  return { status: 200, body: { value, id, attributes: { enabled: true } } };
};

/** A vault of the hostile host, and a VaultSecret that reads from it. */
export interface HostileVault {
  readonly host: string;
  readonly at: { readonly namespace: string; readonly name: string };
  readonly requests: () => readonly SeenRequest[];
  /** Each different token that came to it. */
  readonly tokens: () => readonly string[];
}

export interface HostileVaults {
  /** What the next one will be called. */
  readonly nextHost: () => string;
  /** One that answers whoever comes without a token as `unknown` says, and the others as `known` does. */
  readonly open: (
    unknown: HostileAnswer,
    known?: (request: SeenRequest) => HostileAnswer,
  ) => Promise<HostileVault>;
}

/** The way to Microsoft Entra ID of that cloud. */
export const resolveEntra = ({ azure }: Testbed): string =>
  `--resolve=${new URL(entra).host}=${azure.entraAddress}`;

/** A ServiceAccount of the team whose identity gets tokens of that cloud. */
async function createReader({ kube, azure, testbed }: World, { namespace }: Team): Promise<string> {
  const name = 'in-china';
  await azure.call('POST', '/tenants', { tenantId, cloud: 'AzureChina' });
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity', tenantId });
  const clientId = application?.clientId ?? '';
  const subject = `system:serviceaccount:${namespace}:${name}`;
  await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject });
  const annotations = { [clientIdAnnotation]: clientId, [tenantIdAnnotation]: tenantId };
  await kube.create(serviceAccounts, { metadata: { namespace, name, annotations } });
  return name;
}

export async function createHostileVaults(
  world: World,
  hostile: HostileHost,
  team: Team,
): Promise<HostileVaults> {
  const { stage } = world;
  const serviceAccountName = await createReader(world, team);
  let count = 0;
  const nextHost = (): string => `hostile-${count + 1}.vault.azure.cn`;
  return {
    nextHost,
    async open(unknown, known = found) {
      const host = nextHost();
      count += 1;
      const at = { namespace: team.namespace, name: `hostile-${count}` };
      hostile.answers.set(host, (request) =>
        request.authorization === undefined ? unknown : known(request),
      );
      const vaultUrl = `https://${host}`;
      await stage.createVaultSecret(team, at.name, { data, vaultUrl, serviceAccountName });
      const requests = () => hostile.requests.filter((request) => request.host === host);
      return {
        host,
        at,
        requests,
        tokens: () => [...new Set(requests().flatMap(({ authorization }) => authorization ?? []))],
      };
    },
  };
}
