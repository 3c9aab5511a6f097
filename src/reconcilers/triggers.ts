import { isDeepStrictEqual } from 'node:util';
import type { ClusterVaultConnection, VaultConnection } from '../core/observed/connection.ts';
import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import { targetName } from '../core/observed/target.ts';
import { namespacedName } from '../core/namespacedName.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import type { Stored } from '../ports/stored.ts';
import { connectionKey, ownersOf, type CachedResources } from './clusterCache.ts';

/** A change of one object, as an informer tells it. */
export interface Change<T> {
  readonly type: 'added' | 'updated' | 'deleted';
  readonly object: Stored<T>;
  readonly previous?: Stored<T>;
  /** Part of the first list. */
  readonly initial: boolean;
  /** The answer to a fenced write of our own. */
  readonly ownWrite: boolean;
}

/** `edit`: a user waits for it. `change`: something else moved. `start`: seen in the first list. */
export type Urgency = 'edit' | 'change' | 'start';

/** Which VaultSecrets have to be looked at, by `namespace/name`. */
export interface Trigger {
  readonly requestKey: string;
  readonly urgency: Urgency;
}

/** An owner in another namespace is text that any user may have written. */
function ownersWithin(secret: ObservedSecret): readonly string[] {
  return ownersOf(secret).filter((owner) => owner.startsWith(`${secret.namespace}/`));
}

/** Those that an edit holds back, or no longer, are looked at too, and the owner of a Secret that it claims or not. */
export function onVaultSecret(
  change: Change<VaultSecret>,
  { vaultSecrets, secrets }: Pick<CachedResources, 'vaultSecrets' | 'secrets'>,
): readonly Trigger[] {
  const { object, previous } = change;
  const urgency = urgencyOf(change);
  if (urgency === undefined) return [];
  const own: Trigger = { requestKey: namespacedName(object.body), urgency };
  if (urgency !== 'edit') return [own];
  const { namespace } = object.body;
  const named = [object, previous].flatMap((one) => (one ? [targetName(one.body)] : []));
  // What it leaves to another, that one may take only while this one acts on its spec: it may be resumed.
  const owned = secrets.byIndex('owner', own.requestKey).map(({ body }) => body);
  const left = owned.filter((secret) => secret.namespace === namespace).map(({ name }) => name);
  const targets = new Set([...named, ...left]);
  const others = [...targets].flatMap((name) => {
    const rivals = vaultSecrets.byIndex('target', namespacedName({ namespace, name }));
    const secret = secrets.get(namespace, name)?.body;
    const owners = secret === undefined ? [] : ownersWithin(secret);
    return [...rivals.map(({ body }) => namespacedName(body)), ...owners];
  });
  return [...new Set([own.requestKey, ...others])].map((requestKey) =>
    requestKey === own.requestKey ? own : { requestKey, urgency: 'change' },
  );
}

/**
 * A change of the status alone asks for nothing: the watch may tell of our own write before its answer comes, and what
 * others write there is put right with the next refresh.
 */
function urgencyOf(change: Change<VaultSecret>): Urgency | undefined {
  if (change.type === 'deleted') return 'edit';
  if (change.ownWrite) return undefined;
  if (change.initial) return 'start';
  if (isChanged(change, ({ uid, generation, refresh }) => [uid, generation, refresh]))
    return 'edit';
  return isChanged(change, ({ finalizers }) => [finalizers]) ? 'change' : undefined;
}

/** Whoever owned it, whoever owns it, and whoever wants a Secret of that name. */
export function onSecret(
  change: Change<ObservedSecret>,
  { vaultSecrets }: Pick<CachedResources, 'vaultSecrets'>,
): readonly Trigger[] {
  const { object, previous, initial, ownWrite } = change;
  if (ownWrite || initial) return [];
  const wanting = vaultSecrets
    .byIndex('target', namespacedName(object.body))
    .map(({ body }) => namespacedName(body));
  const owners = [object, previous].flatMap((secret) =>
    secret === undefined ? [] : ownersWithin(secret.body),
  );
  return [...new Set([...owners, ...wanting])].map((requestKey) => ({
    requestKey,
    urgency: 'change',
  }));
}

/** The VaultSecrets that read with it, named by themselves or by their connection, when it is somebody else now. */
export function onServiceAccount(
  change: Change<ObservedServiceAccount>,
  resources: Pick<CachedResources, 'vaultSecrets' | 'vaultConnections'>,
): readonly Trigger[] {
  if (!isChanged(change, whoItIs)) return [];
  const { namespace } = change.object.metadata;
  const key = namespacedName(change.object.metadata);
  const { vaultSecrets, vaultConnections } = resources;
  const connected = vaultConnections
    .byIndex('serviceAccount', key)
    .flatMap(({ body }) => vaultSecrets.byIndex('connection', connectionKey(namespace, body)));
  const direct = vaultSecrets.byIndex('serviceAccount', key);
  return edits([...direct, ...connected]);
}

/** The VaultSecrets that read with it, when it holds something else now, or may no longer be used. */
export function onCredential(
  change: Change<ObservedCredential>,
  { vaultSecrets, vaultConnections }: Pick<CachedResources, 'vaultSecrets' | 'vaultConnections'>,
): readonly Trigger[] {
  if (!isChanged(change, ({ uid, resourceVersion }) => [uid, resourceVersion])) return [];
  const { namespace } = change.object.metadata;
  const connected = vaultConnections
    .byIndex('credential', namespacedName(change.object.metadata))
    .flatMap(({ body }) => vaultSecrets.byIndex('connection', connectionKey(namespace, body)));
  return edits(connected);
}

/** The VaultSecrets that refer to it. */
export function onConnection(
  change: Change<VaultConnection> | Change<ClusterVaultConnection>,
  { vaultSecrets }: Pick<CachedResources, 'vaultSecrets'>,
): readonly Trigger[] {
  if (!isConnectionChanged(change)) return [];
  const key = connectionKey(change.object.metadata.namespace, change.object.body);
  return edits(vaultSecrets.byIndex('connection', key));
}

/** Not of the first list, and another spec than before. */
export function isConnectionChanged({
  object,
  previous,
  type,
  initial,
  ownWrite,
}: Change<VaultConnection> | Change<ClusterVaultConnection>): boolean {
  const isSame =
    type === 'updated' &&
    previous?.body.uid === object.body.uid &&
    previous.body.generation === object.body.generation;
  return !initial && !ownWrite && !isSame;
}

/** What of a ServiceAccount decides whether it reads, and as whom. */
export function whoItIs(serviceAccount: ObservedServiceAccount): readonly unknown[] {
  const { uid, clientId, tenantId, terminating } = serviceAccount;
  return [uid, clientId, tenantId, terminating];
}

/** Not of the first list, and different in what counts. */
export function isChanged<T>(
  { type, object, previous, initial }: Change<T>,
  partsOf: (body: T) => readonly unknown[],
): boolean {
  if (initial) return false;
  if (type !== 'updated' || previous === undefined) return true;
  return !isDeepStrictEqual(partsOf(previous.body), partsOf(object.body));
}

/** For a user who waits for it. */
export function edits(vaultSecrets: readonly Stored<VaultSecret>[]): readonly Trigger[] {
  return vaultSecrets.map(({ body }) => ({ requestKey: namespacedName(body), urgency: 'edit' }));
}

export function changes(vaultSecrets: readonly Stored<VaultSecret>[]): readonly Trigger[] {
  return vaultSecrets.map(({ body }) => ({ requestKey: namespacedName(body), urgency: 'change' }));
}
