import { azureClouds } from '../../../src/api/cloud.ts';
import type { VaultSecretSpec, VaultSecretStatus } from '../../../src/api/vaultSecret.ts';
import type { ReconcileError } from '../../../src/core/errors/errors.ts';
import type { ObservedConnection } from '../../../src/core/observed/connection.ts';
import type { ObservedServiceAccount } from '../../../src/core/observed/identity.ts';
import { refKey, type KeyVaultSecret } from '../../../src/core/source/keyVaultSecret.ts';
import { sourceKey } from '../../../src/core/source/sourceRef.ts';
import type { ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import { targetName } from '../../../src/core/observed/target.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { SecretVersion } from '../../../src/core/source/validity.ts';
import type { SecretReader, TokenReader } from '../../../src/ports/azure.ts';
import type { ClusterCache } from '../../../src/ports/cache.ts';
import type { EventNote, KubeApiError } from '../../../src/ports/kube.ts';
import type { VaultSecretMetrics } from '../../../src/ports/metrics.ts';
import type { SecretClient } from '../../../src/ports/secrets.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import type { Clock } from '../../../src/ports/system.ts';
import { ownersOf } from '../../../src/reconcilers/clusterCache.ts';
import { createMemories } from '../../../src/reconcilers/memories.ts';
import {
  createVaultSecretReconciler,
  type VaultSecretReconcilerDeps,
} from '../../../src/reconcilers/vaultSecret.ts';
import { createManualClock } from '../../support/manualClock.ts';
import {
  aKeyVaultSecret,
  aMemory,
  anObserved,
  aToken,
  aVaultSecret,
  now,
  versionTwo,
} from '../core/builders.ts';
import { granted } from '../core/connections.ts';
import { createMemoryLog } from '../runtime/fakes.ts';
import { noConnections } from './noConnections.ts';
import { createSecretServer } from './secretServer.ts';
import { createVaultSecretClient } from './vaultSecretClient.ts';

/** Called around each write; what it throws is what the caller sees. */
export interface Interference {
  before?: (write: string) => void;
  after?: (write: string) => void;
}

interface WorldState {
  vaultSecret: VaultSecret | undefined;
  /** Others in the same namespace, by name. */
  readonly others: Map<string, VaultSecret>;
  serviceAccount: ObservedServiceAccount | undefined;
  connection?: ObservedConnection | undefined;
  /** What Key Vault answers, by `refKey`. */
  readonly vault: Map<string, KeyVaultSecret | ReconcileError>;
  /** What Key Vault lists, of whichever object. */
  versions: readonly SecretVersion[];
  interference: Interference;
  /** Answers the question for a VaultSecret. */
  failingGet: KubeApiError | undefined;
  /** Called while Key Vault is read, before it answers. */
  whileReading: (() => void) | undefined;
  /** What the watch last told of Secrets, and of the VaultSecret; undefined while it keeps up. */
  lagging: readonly Stored<ObservedSecret>[] | undefined;
  laggingVaultSecret: VaultSecret | undefined;
}

const tokensOfAnHour = (clock: Clock): TokenReader => ({
  obtain: async () => aToken(clock.now()),
});

/** One VaultSecret, shop/shop, with its API server, its vault and a controller that may be started again. */
export function createWorld(
  given: VaultSecret = aVaultSecret(),
  tokens = tokensOfAnHour,
  lentReads: VaultSecretReconcilerDeps['lentReads'] = { report() {}, forget() {} },
) {
  const clock = createManualClock(now);
  const server = createSecretServer(clock);
  const log = createMemoryLog();
  const writes: string[] = [];
  const events: EventNote[] = [];
  const reads: string[] = [];
  const lookups: string[] = [];
  const state: WorldState = {
    vaultSecret: given,
    others: new Map(),
    serviceAccount: anObserved().serviceAccount,
    vault: new Map([['db-password', aKeyVaultSecret()]]),
    versions: [],
    interference: {},
    failingGet: undefined,
    whileReading: undefined,
    lagging: undefined,
    laggingVaultSecret: undefined,
  };

  const find = (name: string): VaultSecret | undefined =>
    name === given.name ? state.vaultSecret : state.others.get(name);
  const put = (vaultSecret: VaultSecret): void => {
    if (vaultSecret.name === given.name) state.vaultSecret = vaultSecret;
    else state.others.set(vaultSecret.name, vaultSecret);
  };

  const drop = (name: string): void => {
    if (name === given.name) state.vaultSecret = undefined;
    else state.others.delete(name);
  };

  const write = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    state.interference.before?.(what);
    writes.push(what);
    try {
      return await act();
    } finally {
      state.interference.after?.(what);
    }
  };

  const secrets: SecretClient = {
    ...server.client,
    apply: async (desired, options) =>
      write(`apply ${desired.name}${options.force ? ' with force' : ''}`, async () =>
        server.client.apply(desired, options),
      ),
    replaceData: async (secret, ...rest) =>
      write(`replace data of ${secret.name}`, () => server.client.replaceData(secret, ...rest)),
    tryCreate: async (desired, manager) =>
      write(`try ${desired.name}`, async () => server.client.tryCreate(desired, manager)),
    takeOver: async (secret, from, manager) =>
      write(`take over ${secret.name}`, async () => server.client.takeOver(secret, from, manager)),
    prune: async (secret, dataKeys, manager) =>
      write(`prune ${dataKeys.join()}`, async () => server.client.prune(secret, dataKeys, manager)),
    delete: async (secret, fence) =>
      write(`delete ${secret.name}`, async () => server.client.delete(secret, fence)),
    withdraw: async (secret, fence, part) =>
      write(`withdraw ${secret.name}`, async () => server.client.withdraw(secret, fence, part)),
    disown: async (secret, manager) =>
      write(`disown ${secret.name}`, async () => server.client.disown(secret, manager)),
    release: async (secret, fence, marks) =>
      write(`release ${secret.name}`, async () => server.client.release(secret, fence, marks)),
  };

  const vaultSecrets = createVaultSecretClient({
    find,
    put,
    drop,
    write,
    onGet(name) {
      lookups.push(name);
      if (state.failingGet !== undefined) throw state.failingGet;
    },
  });

  const watched = () => (state.lagging ?? server.watched()).map(({ body }) => body);
  const cache: ClusterCache = {
    vaultSecret: ({ name }) => state.laggingVaultSecret ?? find(name),
    connection: () => state.connection,
    vaultConnection: () => undefined,
    rememberVaultConnection: () => undefined,
    granted: (connection) => granted(connection),
    clusterVaultConnection: () => undefined,
    rememberClusterVaultConnection: () => undefined,
    serviceAccount: () => state.serviceAccount,
    credential: () => undefined,
    secret: ({ name }) => watched().find((secret) => secret.name === name),
    secretsOf: ({ namespace, name }) =>
      watched().filter((secret) => ownersOf(secret).includes(`${namespace}/${name}`)),
    wanting: ({ name }) =>
      [state.vaultSecret, ...state.others.values()].flatMap((one) =>
        one !== undefined && targetName(one) === name ? [one] : [],
      ),
    // The watch has caught up with an answer.
    rememberSecret: () => void (state.lagging = undefined),
    rememberVaultSecret: () => undefined,
    forgetVaultSecret: () => void (state.laggingVaultSecret = undefined),
  };

  const reader: SecretReader = {
    async read({ ref }) {
      reads.push(refKey(ref));
      state.whileReading?.();
      const answer = state.vault.get(refKey(ref));
      if (answer === undefined) throw new TypeError(`nobody asked for ${refKey(ref)}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async listVersions({ ref }) {
      reads.push(`versions of ${ref.name}`);
      return state.versions;
    },
  };

  const obtainFrom = tokens(clock);
  const tokenReader: TokenReader = {
    async obtain(request) {
      reads.push(`token ${sourceKey(request.ref)}`);
      return obtainFrom.obtain(request);
    },
  };

  const counted: string[] = [];
  const metrics: VaultSecretMetrics = {
    driftRepaired: () => void counted.push('drift'),
    secretWritten: (operation) => void counted.push(operation),
    statusWritten: () => void counted.push('status'),
    foreignStatusSeen: () => void counted.push('foreign status'),
    verified: () => undefined,
  };

  const deps: Omit<VaultSecretReconcilerDeps, 'memories'> = {
    cache,
    serviceAccounts: { get: async () => state.serviceAccount },
    connections: noConnections,
    credentials: { find: async () => undefined },
    secrets,
    vaultSecrets,
    controllerName: 'platform/vaultsecret',
    reader,
    tokenReader,
    clock,
    metrics,
    defaultTenantId: undefined,
    homeCloud: azureClouds.AzurePublic,
    controllerIdentity: undefined,
    lanes: { enter: () => true, leave: () => undefined },
    lentReads,
    certificateExpiries: { of: () => undefined },
    publish: (event) => void events.push(event),
  };
  let memories = createMemories();
  let reconciler = createVaultSecretReconciler({ ...deps, memories });

  return {
    clock,
    server,
    log,
    state,
    writes,
    events,
    reads,
    /** VaultSecrets that the API server was asked for. */
    lookups,
    counted,
    reconcile: async (name = given.name) =>
      reconciler(`shop/${name}`, {
        log,
        signal: new AbortController().signal,
        priority: 0,
        offWorker: async (work) => work,
      }),
    /** A new process: nothing is remembered. */
    restart(): void {
      state.interference = {};
      memories = createMemories();
      reconciler = createVaultSecretReconciler({ ...deps, memories });
    },
    /** Something is kept of the VaultSecret, which has to go with it. */
    remember: () => memories.keep(given, aMemory({ failures: 7 })),
    remembers: () => memories.of(given, now).failures === 7,
    takeWrites: () => writes.splice(0),
    status(): VaultSecretStatus {
      return state.vaultSecret?.status ?? {};
    },
    /** Somebody deletes it; its finalizers hold it. */
    delete(name = given.name): void {
      const found = find(name);
      if (found === undefined) return;
      if (found.finalizers.length === 0) drop(name);
      else put({ ...found, generation: found.generation + 1, terminating: true });
    },
    askForRefresh(refresh: string): void {
      const { vaultSecret } = state;
      if (vaultSecret !== undefined) state.vaultSecret = { ...vaultSecret, refresh };
    },
    /** The watch has not reported what is done to the VaultSecret from now on. */
    lagVaultSecret: () => void (state.laggingVaultSecret = state.vaultSecret),
    editSpec(spec: Partial<VaultSecretSpec>): void {
      const { vaultSecret } = state;
      if (vaultSecret === undefined) throw new TypeError('there is no VaultSecret');
      const generation = vaultSecret.generation + 1;
      state.vaultSecret = { ...vaultSecret, generation, spec: { ...vaultSecret.spec, ...spec } };
    },
  };
}

export type World = ReturnType<typeof createWorld>;

/** A world at rest: the Secret is true, and its first refresh is ahead. */
export async function aWorldAtRest(...given: Parameters<typeof createWorld>): Promise<World> {
  const world = createWorld(...given);
  await world.reconcile();
  world.takeWrites();
  world.reads.length = 0;
  world.events.length = 0;
  return world;
}

export function rotate({ state }: World): void {
  state.vault.set('db-password', aKeyVaultSecret({ version: versionTwo, value: redact('new') }));
}
