import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  test,
} from 'vitest';
import { decodeJwt } from 'jose';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../../testbed/expectations.ts';
import { secrets, type VaultSecret } from '../../testbed/kubeResources.ts';
import type { Team } from '../../testbed/stage.ts';
import { openWorld } from '../../testbed/world.ts';
import { askForRefresh, createSynced, data } from '../syncedVaultSecret.ts';
import { countRequests } from './azureRequests.ts';
import { evilHost, startHostileHost, type HostileAnswer, type HostileHost } from './hostileHost.ts';
import {
  audience,
  challenge,
  createHostileVaults,
  entra,
  honest,
  naming,
  resolveEntra,
  tenantId,
  value,
  type HostileVaults,
} from './hostileVault.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
let hostile: HostileHost;
let vaults: HostileVaults;
let controller: ControllerProcess;
/** Its token is in the controller's memory, ready for whoever gets it out. */
let team: Team;

beforeAll(async () => {
  hostile = await startHostileHost();
  controller = await world.startController({ args: [...hostile.args, resolveEntra(testbed)] });
  await controller.untilReady();
  team = await stage.createTeam();
  vaults = await createHostileVaults(world, hostile, team);
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  await world.close();
  await hostile.close();
});

const messageOf = ({ status }: VaultSecret): string =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';

describe('a host that behaves like a vault of another cloud', () => {
  test('gets a token for vaults of that cloud: what the others here are after', async () => {
    const { at, tokens } = await vaults.open(honest);

    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });

    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: value });
    expect(tokens().map((token) => decodeJwt(token.replace('Bearer ', '')).aud)).toEqual([
      audience,
    ]);
  });
});

describe('no token is sent to a host whose challenge', () => {
  const wrong: readonly [what: string, answer: HostileAnswer, reason?: string][] = [
    ["names the other cloud's vaults", naming(`${entra}/${tenantId}`, 'https://vault.azure.net')],
    ['names more than vaults', naming(`${entra}/${tenantId}`, 'https://azure.cn')],
    ['names a slash more', naming(`${entra}/${tenantId}`, `${audience}/`)],
    [
      'names all of Azure',
      naming(`${entra}/${tenantId}`, 'https://management.core.chinacloudapi.cn'),
    ],
    ['names itself', naming(`${entra}/${tenantId}`, `https://${evilHost}`)],
    ['names a resource that is no URL', naming(`${entra}/${tenantId}`, 'vault')],
    [
      'hides another resource behind the right one',
      challenge(
        `Bearer authorization="${entra}/${tenantId}", resource="${audience}", resource="https://graph.microsoft.com"`,
      ),
    ],
    [
      'asks for a scope',
      challenge(
        `Bearer authorization="${entra}/${tenantId}", scope="https://graph.microsoft.com/.default"`,
      ),
    ],
    ['names an authority of its own', naming(`https://${evilHost}/${tenantId}`)],
    ['names an authority that only begins right', naming(`${entra}.${evilHost}/${tenantId}`)],
    ['names an authority behind a user', naming(`${entra}@${evilHost}/${tenantId}`)],
    ['names an authority without TLS', naming(`${entra.replace('https', 'http')}/${tenantId}`)],
    [
      'names the authority of another cloud',
      naming(`https://login.microsoftonline.com/${tenantId}`),
    ],
    ['names no authority', challenge(`Bearer resource="${audience}", tenantId="${tenantId}"`)],
    ['names no tenant', naming(entra)],
    ['names another tenant', naming(`${entra}/${crypto.randomUUID()}`), 'VaultInOtherTenant'],
    ["names everybody's tenant", naming(`${entra}/common`), 'VaultInOtherTenant'],
    ['names a path for a tenant', naming(`${entra}/${tenantId}/x`), 'VaultInOtherTenant'],
    ['is of another scheme', challenge('Basic realm="vault"')],
    ['is missing', { status: 401 }],
  ];

  test.each(wrong)('%s', async (_what, answer, reason = 'VaultNotTrusted') => {
    const { at, requests, tokens } = await vaults.open(answer);

    const refused = await untilCondition(kube, at, { status: 'False', reason });

    expect(requests().length).toBeGreaterThan(0);
    expect(tokens()).toEqual([]);
    expect(messageOf(refused)).not.toContain(evilHost);
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test('changes in the middle of a request', async () => {
    const { at, tokens } = await vaults.open(honest, () =>
      naming(`${entra}/${tenantId}`, 'https://graph.microsoft.com'),
    );

    await untilCondition(kube, at, { status: 'False', reason: 'VaultNotTrusted' });

    // The one that the honest challenge had brought.
    expect(tokens()).toHaveLength(1);
  });
});

describe('no redirect is followed', () => {
  const accomplice = 'accomplice.vault.azure.cn';
  const targets = [
    [301, `https://${evilHost}/secrets/password`],
    [302, `https://${evilHost}/secrets/password`],
    [303, `https://${evilHost}/secrets/password`],
    [307, `https://${evilHost}/secrets/password`],
    [308, `https://${evilHost}/secrets/password`],
    [307, `//${evilHost}/secrets/password`],
    [307, `https://${accomplice}/secrets/password`],
    [307, 'http'],
  ] as const;

  test.each(targets)('%i to %s, without or with a token in hand', async (status, target) => {
    const location = target === 'http' ? `${hostile.plainUrl}/secrets/password` : target;
    const redirect: HostileAnswer = { status, headers: { location } };
    const cold = await vaults.open(redirect);
    const warm = await vaults.open(honest, () => redirect);
    const refusal = { status: 'False', reason: 'KeyVaultRefused' } as const;

    expect(messageOf(await untilCondition(kube, cold.at, refusal))).toContain(`status ${status}`);
    await untilCondition(kube, warm.at, refusal);

    expect(cold.tokens()).toEqual([]);
    expect(warm.tokens()).toHaveLength(1);
    expect(hostile.requests.filter(({ host }) => host === accomplice)).toEqual([]);
  });

  test('of a vault that was honest until now; the last good Secret stays', async () => {
    const { at, team: own } = await createSynced(world);

    await azure.setVaultFaults(own.vault, { redirectTo: `https://${evilHost}/secrets/password` });
    await askForRefresh(kube, at);

    await untilCondition(kube, at, { status: 'False', reason: 'KeyVaultRefused' });
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first' });
  });
});

describe('nothing at all is sent to a host whose certificate', () => {
  const refusal = { status: 'False', reason: 'CertificateNotTrusted' } as const;

  test('nobody trusts', async () => {
    const vault = await stage.createVault();
    await azure.setVaultFaults(vault, { untrustedCertificate: true });
    const at = { namespace: team.namespace, name: 'untrusted' };
    const vaultUrl = `https://${vault}.vault.azure.net`;
    await stage.createVaultSecret(team, at.name, { data, vaultUrl });

    expect(messageOf(await untilCondition(kube, at, refusal))).toMatch(/CERT|UNABLE_TO_VERIFY/);

    expect(await countRequests(world, { vault })).toBe(0);
  });

  test('is of another vault', async () => {
    hostile.impostors.set(vaults.nextHost(), 'another.vault.azure.cn');
    const { at, requests } = await vaults.open(honest);

    const refused = await untilCondition(kube, at, refusal);

    expect(messageOf(refused)).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(requests()).toEqual([]);
  });
});

describe('in all of that', () => {
  test('no host but the vaults that were named has been asked for anything', () => {
    const others = hostile.requests.filter(({ host }) => !/^hostile-\d+[.]vault/.test(host));
    expect(others).toEqual([]);
    expect(hostile.plainConnections()).toBe(0);
    expect(hostile.requests.length).toBeGreaterThan(40);
  });
});
