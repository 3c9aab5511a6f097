import type { Cloud } from '../api/cloud.ts';
import {
  readingServiceAccount,
  type ControllerIdentity,
  type ObservedConnection,
} from '../core/observed/connection.ts';
import {
  readingServicePrincipal,
  type ObservedCredential,
} from '../core/observed/servicePrincipal.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import { typeDemand } from '../core/secret/adoption.ts';
import { hasLostOwner } from '../core/secret/ownership.ts';
import { hasMergeFinalizer, isMerging, targetName } from '../core/observed/target.ts';
import type {
  Observed,
  ObservedSecret,
  SyncMemory,
  VaultSecret,
} from '../core/observed/observed.ts';
import type { ClusterCache } from '../ports/cache.ts';
import type { ObjectName } from '../ports/kube.ts';
import type { SecretClient, VaultSecretClient } from '../ports/secrets.ts';
import type { Clock } from '../ports/system.ts';
import type { Memories } from './memories.ts';
import { observeConnection, type ObserveConnectionDeps } from './observeConnection.ts';
import {
  observeCredential,
  observeServiceAccount,
  type ObserveIdentityDeps,
} from './observeIdentity.ts';

export interface ObserveDeps extends ObserveConnectionDeps, ObserveIdentityDeps {
  readonly cache: ObserveConnectionDeps['cache'] &
    ObserveIdentityDeps['cache'] &
    Pick<ClusterCache, 'vaultSecret' | 'secret' | 'secretsOf' | 'wanting'>;
  readonly secrets: Pick<SecretClient, 'get' | 'hasType'>;
  readonly vaultSecrets: Pick<VaultSecretClient, 'get'>;
  readonly clock: Clock;
  readonly memories: Memories;
  readonly defaultTenantId: string | undefined;
  readonly homeCloud: Cloud;
  readonly controllerIdentity: ControllerIdentity | undefined;
}

/** Reads state, never an event. Undefined when there is nothing to keep true any more. @throws KubeApiError */
export async function observe(deps: ObserveDeps, name: ObjectName): Promise<Observed | undefined> {
  const { cache, clock, memories, defaultTenantId, homeCloud, controllerIdentity } = deps;
  const vaultSecret = cache.vaultSecret(name);
  if (vaultSecret === undefined || isDone(vaultSecret)) return undefined;
  const now = clock.now();
  const memory = memories.of(vaultSecret, now);
  const connection = await observeConnection(deps, vaultSecret);
  const target = await observeTarget(deps, vaultSecret, memory);
  if (await wasLetGo(deps, vaultSecret, target)) return undefined;
  const rivals = rivalsOf(deps, vaultSecret, target);
  return {
    now,
    vaultSecret,
    connection,
    serviceAccount: await observeReadingAccount(deps, vaultSecret, connection),
    credential: await observeReadingCredential(deps, vaultSecret, connection),
    defaultTenantId,
    homeCloud,
    controllerIdentity,
    target,
    hasWrongType: await hasWrongType(deps, { vaultSecret, target, rivals }),
    rivals,
    ...formerTargetsOf(cache, vaultSecret),
    memory,
  };
}

function formerTargetsOf(
  cache: ObserveDeps['cache'],
  vaultSecret: VaultSecret,
): Pick<Observed, 'formerTargets' | 'heirs'> {
  const formerTargets = cache
    .secretsOf(vaultSecret)
    .filter((secret) => secret.name !== targetName(vaultSecret) && !secret.terminating);
  const heirs = formerTargets.flatMap((secret) => cache.wanting(secret));
  return { formerTargets, heirs };
}

async function observeReadingAccount(
  deps: ObserveDeps,
  vaultSecret: VaultSecret,
  connection: ObservedConnection | undefined,
): Promise<ObservedServiceAccount | undefined> {
  const name = readingServiceAccount(vaultSecret.spec, connection);
  return name === undefined ? undefined : observeServiceAccount(deps, vaultSecret, name);
}

async function observeReadingCredential(
  deps: ObserveDeps,
  vaultSecret: VaultSecret,
  connection: ObservedConnection | undefined,
): Promise<ObservedCredential | undefined> {
  const servicePrincipal = readingServicePrincipal(vaultSecret.spec, connection);
  return servicePrincipal && observeCredential(deps, vaultSecret, servicePrincipal);
}

/** It is going, and left nothing in Secrets of others. */
function isDone(vaultSecret: VaultSecret): boolean {
  return vaultSecret.terminating && !hasMergeFinalizer(vaultSecret);
}

/**
 * A VaultSecret that is deleted with `--cascade=orphan` loses its owner reference before it goes, and our watch may not
 * have told of the deletion yet. Put back, the reference would take the Secret along:
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#orphaned-dependents
 */
async function wasLetGo(
  { vaultSecrets }: ObserveDeps,
  vaultSecret: VaultSecret,
  target: ObservedSecret | undefined,
): Promise<boolean> {
  if (target === undefined || !hasLostOwner(target, vaultSecret)) return false;
  const live = await vaultSecrets.get(vaultSecret);
  return live === undefined || live.uid !== vaultSecret.uid || live.terminating;
}

async function hasWrongType(
  { secrets }: ObserveDeps,
  observed: Pick<Observed, 'vaultSecret' | 'target' | 'rivals'>,
): Promise<boolean> {
  const { target } = observed;
  const demand = typeDemand(observed);
  return target !== undefined && demand !== undefined && !(await secrets.hasType(target, demand));
}

/** The annotation is text that anybody could have written, so it is only looked up. */
function rivalsOf(
  { cache }: ObserveDeps,
  vaultSecret: VaultSecret,
  target: ObservedSecret | undefined,
): readonly VaultSecret[] {
  const { namespace } = vaultSecret;
  const wanting = cache.wanting({ namespace, name: targetName(vaultSecret) });
  const [ownerNamespace, name = ''] = target?.owner?.split('/') ?? [];
  const owner = ownerNamespace === namespace ? cache.vaultSecret({ namespace, name }) : undefined;
  const all = owner === undefined || wanting.includes(owner) ? wanting : [...wanting, owner];
  return all.filter(({ uid }) => uid !== vaultSecret.uid);
}

/** Our watch sees only Secrets with our label; one that lost it is asked for by name. */
async function observeTarget(
  deps: ObserveDeps,
  vaultSecret: VaultSecret,
  memory: SyncMemory,
): Promise<ObservedSecret | undefined> {
  const secret = { namespace: vaultSecret.namespace, name: targetName(vaultSecret) };
  const cached = deps.cache.secret(secret);
  if (cached !== undefined) return cached;
  const isThere = vaultSecret.status.secretName === secret.name || isMerging(vaultSecret.spec);
  if (!isThere && !memory.lookLive) return undefined;
  return (await deps.secrets.get(secret))?.body;
}
