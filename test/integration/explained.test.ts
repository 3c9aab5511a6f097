import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { errorCatalogue } from '../../src/core/errors/errorCatalogue.ts';
import type { EntraFaults } from '../testbed/azureAdmin.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import type { ObjectName } from '../testbed/kubeClient.ts';
import { untilObject, untilObjects } from '../testbed/kubeConditions.ts';
import { events, secrets, vaultSecrets, type VaultSecret } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import { failures, trusting, type Failure } from './failures.ts';
import { firstFailures } from './firstFailures.ts';
import { askForRefresh, createSynced, data, refreshed } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
let controller: ControllerProcess;

/** Shorter than what our token cache keeps, so that each read exchanges anew: no failure hides behind a token. */
const tokenLifeSeconds = 20;

/** The vaults of other clouds are where nobody is. https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const elsewhere = [
  '--resolve=*.vault.azure.cn=vault.invalid:443',
  '--resolve=*.vault.usgovcloudapi.net=127.0.0.1:1',
];

beforeAll(async () => {
  await azure.setEntraFaults({ tokenLifeSeconds });
  controller = await world.startController({ args: elsewhere });
  await controller.untilReady();
});
afterAll(async () => {
  await azure.setEntraFaults({});
  await world.close();
});

async function createTeam({ prepare }: Failure): Promise<Team> {
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  await prepare?.(world, team);
  return team;
}

/** Code, concrete names and the right second condition; no hole and no value. */
function expectExplained(
  { status }: VaultSecret,
  failure: Pick<Failure, 'reason' | 'names' | 'isTransient'>,
  team: Team,
): void {
  const [ready, second, ...others] = status?.conditions ?? [];
  const { reason, names, isTransient } = failure;
  expect(ready).toMatchObject({ type: 'Ready', status: 'False', reason });
  expect(ready?.message.slice(0, 7)).toBe(`${errorCatalogue[reason].code}: `);
  for (const name of names(team)) expect(ready?.message).toContain(name);
  expect(ready?.message).not.toMatch(/undefined|[{}]|first|second/);
  expect(second).toMatchObject({
    type: isTransient === true ? 'Reconciling' : 'Stalled',
    status: 'True',
    reason,
  });
  expect(others).toEqual([]);
}

const patient = 45_000;

/** What only the next refresh would see is asked for. */
async function repair({ mend, reason }: Failure, team: Team, at: ObjectName): Promise<void> {
  await mend(world, team);
  if (errorCatalogue[reason].retry === 'awaitRefresh') await askForRefresh(kube, at);
}

describe('before the first sync, when', () => {
  test.concurrent.each([...failures, ...firstFailures])(
    '$what: it is explained, and mended it syncs',
    async (failure) => {
      const team = await createTeam(failure);
      const at = { namespace: team.namespace, name: 'app' };
      await failure.cause(world, team);
      await stage.createVaultSecret(team, 'app', { data, ...failure.spec });

      const refused = { status: 'False', reason: failure.reason } as const;
      expectExplained(await untilCondition(kube, at, refused, patient), failure, team);
      expect(await kube.find(secrets, at)).toBeUndefined();

      await repair(failure, team, at);
      await untilCondition(kube, at, { status: 'True', reason: 'Synced' }, patient);
      expect(textsOf(await kube.get(secrets, at))).toMatchObject({ PASSWORD: 'first' });
    },
    100_000,
  );
});

describe('when the URL of the vault', () => {
  test.each([
    {
      what: 'has a host that no name server knows',
      reason: 'KeyVaultHostUnknown',
      suffix: 'vault.azure.cn',
      remedy: 'az keyvault recover --name',
    },
    {
      what: 'leads to where nothing listens',
      reason: 'ConnectionRefused',
      suffix: 'vault.usgovcloudapi.net',
      remedy: 'on port 443',
    },
  ] as const)('$what: it is explained, and corrected it syncs', async (failure) => {
    const { reason, suffix, remedy } = failure;
    const team = await stage.createTeam();
    await azure.putSecret(team.vault, 'password', { value: 'first' });
    const at = { namespace: team.namespace, name: 'app' };
    const host = `${team.vault}.${suffix}`;
    await stage.createVaultSecret(team, 'app', { data, vaultUrl: `https://${host}` });

    const explained = await untilCondition(kube, at, { status: 'False', reason });
    expectExplained(explained, { reason, isTransient: true, names: () => [host, remedy] }, team);

    await kube.mergePatch(vaultSecrets, at, { spec: { vaultUrl: team.vaultUrl } });
    await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first' });
  });
});

describe('after the first sync, when', () => {
  const definite = failures.filter(({ isTransient }) => isTransient !== true);
  const transient = failures.filter(({ isTransient }) => isTransient === true);

  test.concurrent.each(definite)(
    '$what: it is explained, and the last good Secret stays',
    async (failure) => {
      const team = await createTeam(failure);
      const { spec = {} } = failure;
      const { at, secret } = await createSynced(world, { team, spec });
      await failure.cause(world, team);
      await askForRefresh(kube, at);

      const refused = { status: 'False', reason: failure.reason } as const;
      expectExplained(await untilCondition(kube, at, refused), failure, team);
      expect(await kube.get(secrets, at)).toEqual(secret);
      const { namespace } = team;
      const warning = await untilObjects(
        kube,
        events,
        { namespace },
        {
          what: 'a warning',
          holds: (all) => [...all.values()].find(({ type }) => type === 'Warning'),
        },
      );
      expect(warning).toMatchObject({ reason: failure.reason, regarding: { name: 'app' } });

      await azure.putSecret(team.vault, 'password', { value: 'second' });
      await repair(failure, team, at);
      await untilCondition(kube, at, { status: 'True', reason: 'Synced' }, patient);
      expect(textsOf(await kube.get(secrets, at))).toMatchObject({ PASSWORD: 'second' });
    },
    100_000,
  );

  test.concurrent.each(transient)(
    '$what: only the refresh that was asked for shows it, and mended it follows',
    async (failure) => {
      const team = await createTeam(failure);
      const { spec = {} } = failure;
      const { at, secret, vaultSecret } = await createSynced(world, { team, spec });
      await failure.cause(world, team);
      await askForRefresh(kube, at, 'now');

      await controller.untilLogged(
        (line) => line.includes(`"${team.namespace}/app"`) && line.includes(`"${failure.reason}"`),
        patient,
      );
      const { status } = await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
      const { conditions: [ready] = [], ...rest } = vaultSecret.status ?? {};
      const { reason } = failure;
      const shown = [
        ready,
        expect.objectContaining({ type: 'Reconciling', status: 'True', reason }),
      ];
      expect(status).toEqual({ ...rest, conditions: shown });
      expect(await kube.get(secrets, at)).toEqual(secret);

      await failure.mend(world, team);
      await azure.putSecret(team.vault, 'password', { value: 'second' });
      await untilObject(kube, secrets, at, {
        what: 'the Secret to follow',
        holds: (found) => found !== undefined && textsOf(found)['PASSWORD'] === 'second',
        timeoutMs: patient,
      });
      const followed = await refreshed(world, at);
      expect(followed.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    },
    100_000,
  );
});

describe('when Microsoft Entra ID', () => {
  interface EntraFailure extends Pick<Failure, 'what' | 'reason' | 'isTransient'> {
    readonly faults: EntraFaults;
    readonly name: string;
  }

  test.each<EntraFailure>([
    {
      what: 'fails',
      reason: 'EntraUnavailable',
      isTransient: true,
      faults: { status: 503 },
      name: 'status 503',
    },
    {
      what: 'drops connections',
      reason: 'EntraUnavailable',
      isTransient: true,
      faults: { dropConnection: true },
      name: 'https://login.microsoftonline.com',
    },
    {
      what: 'throttles',
      reason: 'EntraThrottled',
      isTransient: true,
      faults: { throttle: { retryAfterSeconds: 1 } },
      name: 'status 429',
    },
    {
      what: 'applies a conditional access policy',
      reason: 'ConditionalAccessBlocked',
      faults: { conditionalAccess: true },
      name: 'AADSTS53003',
    },
    {
      what: 'tells a mismatch as it did until 2023',
      reason: 'FederatedCredentialNotFound',
      faults: { wordingOf: '2023-01-19' },
      name: 'AADSTS70021',
    },
  ])(
    '$what: it is explained, and when that is over it syncs',
    async ({ faults, name, ...rest }) => {
      const team = await stage.createTeam();
      await azure.putSecret(team.vault, 'password', { value: 'first' });
      const at = { namespace: team.namespace, name: 'app' };
      const isMismatch = faults.wordingOf !== undefined;
      if (isMismatch) await trusting({ issuer: 'https://oidc.example.com/' })(world, team);
      await azure.setEntraFaults({ tokenLifeSeconds, ...faults });
      await stage.createVaultSecret(team, 'app', { data });

      const refused = { status: 'False', reason: rest.reason } as const;
      const explained = await untilCondition(kube, at, refused);
      await azure.setEntraFaults({ tokenLifeSeconds });
      expectExplained(explained, { ...rest, names: () => [name] }, team);
      if (isMismatch) await trusting({})(world, team);

      await untilCondition(kube, at, { status: 'True', reason: 'Synced' }, patient);
      expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'first' });
    },
  );
});
