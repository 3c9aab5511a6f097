import type { ObservedServiceAccount } from '../core/identity.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed.ts';
import type { Stored } from '../ports/stored.ts';
import type { CachedResources } from './clusterCache.ts';

/** A change of one object, as an informer tells it. */
interface Change<T> {
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

const keyOf = ({ namespace, name }: { namespace: string; name: string }): string =>
  `${namespace}/${name}`;

/** Our own status writes ask for nothing; foreign edits of a status do. */
export function onVaultSecret(change: Change<VaultSecret>): readonly Trigger[] {
  const { type, object, previous, initial, ownWrite } = change;
  if (ownWrite) return [];
  const isEdited =
    type === 'deleted' ||
    previous?.body.uid !== object.body.uid ||
    previous.body.generation !== object.body.generation ||
    previous.body.refresh !== object.body.refresh;
  const urgency = initial ? 'start' : isEdited ? 'edit' : 'change';
  return [{ requestKey: keyOf(object.body), urgency }];
}

/** Whoever owned it, whoever owns it, and whoever wants a Secret of that name. */
export function onSecret(
  change: Change<ObservedSecret>,
  { vaultSecrets }: Pick<CachedResources, 'vaultSecrets'>,
): readonly Trigger[] {
  const { object, previous, initial, ownWrite } = change;
  if (ownWrite || initial) return [];
  const { namespace, name } = object.body;
  const wanting = vaultSecrets
    .byIndex('target', `${namespace}/${name}`)
    .map(({ body }) => keyOf(body));
  const owners = [object.body.owner, previous?.body.owner].filter((owner) =>
    owner?.startsWith(`${namespace}/`),
  );
  return [...new Set([...owners, ...wanting])].flatMap((requestKey) =>
    requestKey === undefined ? [] : [{ requestKey, urgency: 'change' as const }],
  );
}

/** The VaultSecrets that read with it, when it is somebody else now. */
export function onServiceAccount(
  change: Change<ObservedServiceAccount>,
  { vaultSecrets }: Pick<CachedResources, 'vaultSecrets'>,
): readonly Trigger[] {
  const { type, object, previous, initial } = change;
  if (initial) return [];
  const isSame =
    type === 'updated' &&
    previous?.body.uid === object.body.uid &&
    previous.body.clientId === object.body.clientId &&
    previous.body.tenantId === object.body.tenantId;
  if (isSame) return [];
  const { namespace, name } = object.metadata;
  return vaultSecrets
    .byIndex('serviceAccount', `${namespace}/${name}`)
    .map(({ body }) => ({ requestKey: keyOf(body), urgency: 'edit' }));
}
