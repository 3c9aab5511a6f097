import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { data } from '../syncedVaultSecret.ts';
import type { HostileAnswer, HostileHost, SeenRequest } from './hostileHost.ts';

export const audience = 'https://vault.azure.cn';
export const entra = 'https://login.microsoftonline.com';
export const value = 'hunter2';

export const challenge = (header: string): HostileAnswer => ({
  status: 401,
  headers: { 'www-authenticate': header },
});

export const naming = (authority: string, resource = audience): HostileAnswer =>
  challenge(`Bearer authorization="${authority}", resource="${resource}"`);

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

export function createHostileVaults(
  { stage }: World,
  hostile: HostileHost,
  team: Team,
): HostileVaults {
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
      await stage.createVaultSecret(team, at.name, { data, vaultUrl: `https://${host}` });
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
