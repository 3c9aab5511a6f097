import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest';
import { clientIdAnnotation, tenantIdAnnotation } from '../../../src/api/meta.ts';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import { untilCondition } from '../../testbed/expectations.ts';
import {
  events,
  secrets,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { createSynced, data, type Synced } from '../syncedVaultSecret.ts';
import { countRequests, sumOf } from './azureRequests.ts';
import { createControllerIdentity, type ControllerIdentity } from './controllerIdentity.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
let own: ControllerIdentity;
let controller: ControllerProcess;
/** Synced, its tokens in the controller's memory. */
let victim: Synced;

/** The stand-in serves other files too. */
let hostTokensBefore: number;

beforeAll(async () => {
  hostTokensBefore = await countRequests(world, { kind: 'imdsToken' });
  own = await createControllerIdentity(world);
  const { imdsEndpoint } = testbed.azure;
  controller = await world.startController({
    // Whatever a node or a pod offers, so that somebody could reach for it.
    env: {
      ...own.env,
      AZURE_POD_IDENTITY_AUTHORITY_HOST: imdsEndpoint,
      IDENTITY_ENDPOINT: `${imdsEndpoint}/msi/token`,
      IDENTITY_HEADER: 'header',
    },
  });
  await controller.untilReady();
  victim = await createSynced(world);
  const { vault } = victim.team;
  const role = 'Key Vault Secrets User';
  await azure.assignRoles({ vault, clientId: own.clientId, role });
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  await world.close();
  await own.close();
});

/** A namespace with a ServiceAccount of the victim's name, whose annotations its owner chose. */
async function createAttacker(annotations: Record<string, string>): Promise<string> {
  const namespace = await stage.createNamespace();
  const name = victim.team.serviceAccountName;
  await kube.create(serviceAccounts, { metadata: { namespace, name, annotations } });
  return namespace;
}

/** Reads what the victim reads, from the attacker's namespace. */
async function attack(namespace: string): Promise<void> {
  await stage.createVaultSecret({ ...victim.team, namespace }, 'app', { data });
}

/** What Azure gave in the victim's name or from the victim's vault. */
async function takings() {
  const { vault, clientId } = victim.team;
  const { counts } = await azure.requestCounts();
  return {
    values: sumOf(counts, { vault, kind: 'get', status: 200 }),
    // Whoever comes without a token is only told what the vault demands.
    requestsWithToken: sumOf(counts, { vault }) - sumOf(counts, { vault, kind: 'challenge401' }),
    tokens: sumOf(counts, { clientId, kind: 'token', status: 200 }),
  };
}

/** Everything that whoever owns the namespace can see there. */
async function sightOf(namespace: string): Promise<string> {
  const [ours, told] = await Promise.all([
    kube.list(vaultSecrets, { namespace }),
    kube.list(events, { namespace }),
  ]);
  return JSON.stringify([ours.items, told.items]);
}

/** What an attack from the namespace came to. */
async function outcomeIn(namespace: string) {
  const seen = await sightOf(namespace);
  return {
    ...(await takings()),
    secret: await kube.find(secrets, { namespace, name: 'app' }),
    seesItself: seen.includes(namespace),
    seesVictim: seen.includes(victim.team.namespace),
  };
}

const nothing = { secret: undefined, seesItself: true, seesVictim: false };

describe("a ServiceAccount of the victim's name in another namespace gets nothing", () => {
  const someone = crypto.randomUUID();
  const cases: readonly [
    what: string,
    annotations: () => Record<string, string>,
    reason: string,
  ][] = [
    [
      "with the victim's client id",
      () => ({ [clientIdAnnotation]: victim.team.clientId }),
      'FederatedCredentialNotFound',
    ],
    [
      'with that in capital letters',
      () => ({ [clientIdAnnotation]: victim.team.clientId.toUpperCase() }),
      'FederatedCredentialNotFound',
    ],
    [
      'and with the tenant besides',
      () => ({
        [clientIdAnnotation]: victim.team.clientId,
        [tenantIdAnnotation]: testbed.azure.tenantId.toUpperCase(),
      }),
      'FederatedCredentialNotFound',
    ],
    [
      "with the controller's client id",
      () => ({ [clientIdAnnotation]: own.clientId }),
      'FederatedCredentialNotFound',
    ],
    [
      'with a client id that nobody has',
      () => ({ [clientIdAnnotation]: someone }),
      'ApplicationNotFound',
    ],
    [
      'with the victim in a tenant of its own choice',
      () => ({ [clientIdAnnotation]: victim.team.clientId, [tenantIdAnnotation]: someone }),
      'VaultInOtherTenant',
    ],
    ["with everybody's tenant", () => tenant('common'), 'IdentityInvalid'],
    ['with a path for a tenant', () => tenant(`${testbed.azure.tenantId}/../x`), 'IdentityInvalid'],
    [
      'with a query for a client id',
      () => ({ [clientIdAnnotation]: `${someone}&client_id=${victim.team.clientId}` }),
      'IdentityInvalid',
    ],
    ['with an empty client id', () => ({ [clientIdAnnotation]: '' }), 'IdentityInvalid'],
    ['with none', () => ({}), 'ClientIdMissing'],
  ];
  const tenant = (id: string): Record<string, string> => ({
    [clientIdAnnotation]: victim.team.clientId,
    [tenantIdAnnotation]: id,
  });

  test.each(cases)('%s', async (_what, annotations, reason) => {
    const before = await takings();
    const namespace = await createAttacker(annotations());

    await attack(namespace);

    await untilCondition(kube, { namespace, name: 'app' }, { status: 'False', reason });
    expect(await outcomeIn(namespace)).toEqual({ ...before, ...nothing });
  });

  test('with the client id of an application that others may log in to', async () => {
    const before = await takings();
    const [application] = await azure.createApplications({
      clientSecrets: [{ value: 'known to others', expiresAtMs: Date.UTC(2100, 0, 1) }],
    });
    const clientId = application?.clientId ?? '';
    const { vault } = victim.team;
    await azure.assignRoles({ vault, clientId, role: 'Key Vault Administrator' });
    const namespace = await createAttacker({ [clientIdAnnotation]: clientId });

    await attack(namespace);

    await untilCondition(
      kube,
      { namespace, name: 'app' },
      { status: 'False', reason: 'FederatedIssuerNotFound' },
    );
    expect(await outcomeIn(namespace)).toEqual({ ...before, ...nothing });
  });

  test("with the victim's client id in a VaultConnection", async () => {
    const before = await takings();
    const { vaultUrl, clientId, serviceAccountName } = victim.team;
    const namespace = await createAttacker({});
    const metadata = { namespace, name: 'team' };
    await kube.create(vaultConnections, {
      metadata,
      spec: { vaultUrl, clientId, serviceAccountName },
    });
    const vaultConnectionRef = { kind: 'VaultConnection', name: 'team' } as const;
    const at = { namespace, name: 'app' };
    await kube.create(vaultSecrets, { metadata: at, spec: { vaultConnectionRef, data } });

    await untilCondition(kube, at, { status: 'False', reason: 'FederatedCredentialNotFound' });
    expect(await outcomeIn(namespace)).toEqual({ ...before, ...nothing });
  });
});

describe('an identity of its own does not help', () => {
  test("to read the victim's vault, while the victim reads it", async () => {
    const { vault, vaultUrl } = victim.team;
    onTestFinished(() => azure.setVaultFaults(vault, {}));
    const attacker = await stage.createTeam();
    await azure.setVaultFaults(vault, { latencyMs: 300 });

    await Promise.all([
      stage.createVaultSecret(victim.team, 'again', { data }),
      stage.createVaultSecret({ ...attacker, vaultUrl }, 'app', { data }),
    ]);

    const at = { namespace: attacker.namespace, name: 'app' };
    const { namespace } = victim.team;
    await untilCondition(kube, { namespace, name: 'again' }, { status: 'True' });
    await untilCondition(kube, at, { status: 'False', reason: 'KeyVaultRoleMissing' });
    const { clientId } = attacker;
    expect(await countRequests(world, { vault, clientId, status: 200 })).toBe(0);
    expect(await kube.find(secrets, at)).toBeUndefined();
  });

  test("when its client id is changed to the victim's", async () => {
    const attacker = await createSynced(world);
    const before = await takings();
    const { at, team } = attacker;
    const serviceAccount = { namespace: at.namespace, name: team.serviceAccountName };
    const annotations = { [clientIdAnnotation]: victim.team.clientId };
    await kube.mergePatch(serviceAccounts, serviceAccount, { metadata: { annotations } });

    await kube.mergePatch(vaultSecrets, at, { spec: { vaultUrl: victim.team.vaultUrl } });

    await untilCondition(kube, at, { status: 'False', reason: 'FederatedCredentialNotFound' });
    expect(await takings()).toEqual(before);
    // What it had before is its own.
    expect((await kube.get(secrets, at)).data).toEqual(attacker.secret.data);
  });

  test("when a token for the victim's client is on its way", async () => {
    onTestFinished(() => azure.setEntraFaults({}));
    const team = await stage.createTeam();
    await azure.putSecret(team.vault, 'password', { value: 'first' });
    const { clientId } = team;
    const namespace = await createAttacker({ [clientIdAnnotation]: clientId });
    await azure.setEntraFaults({ latencyMs: 300 });

    await Promise.all([
      stage.createVaultSecret(team, 'app', { data }),
      stage.createVaultSecret({ ...team, namespace }, 'app', { data }),
    ]);

    const attackers = { namespace, name: 'app' };
    const victims = { namespace: team.namespace, name: 'app' };
    await untilCondition(kube, victims, { status: 'True', reason: 'Synced' });
    await untilCondition(kube, attackers, {
      status: 'False',
      reason: 'FederatedCredentialNotFound',
    });
    expect(await countRequests(world, { clientId, kind: 'token', status: 200 })).toBe(1);
    expect(await kube.find(secrets, attackers)).toBeUndefined();
  });
});

describe('in all of that', () => {
  test("nobody was given the controller's or a node's identity", async () => {
    const { clientId } = own;

    expect(await countRequests(world, { clientId, kind: 'token', status: 200 })).toBe(0);
    expect(await countRequests(world, { clientId, kind: 'get' })).toBe(0);
    expect(await countRequests(world, { kind: 'imdsToken' })).toBe(hostTokensBefore);
    // They asked, and were refused: the counts are of the right identity.
    expect(await countRequests(world, { clientId, kind: 'token', status: 401 })).toBeGreaterThan(0);
  });
});
