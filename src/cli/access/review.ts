import { azureClouds } from '../../api/cloud.ts';
import { ReconcileError, type Result } from '../../core/errors/errors.ts';
import {
  readingServiceAccount,
  type GrantedConnection,
  type ObservedConnection,
  type VaultConnection,
} from '../../core/observed/connection.ts';
import type { NamedServiceAccount } from '../../core/observed/identity.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import { entryKey } from '../../core/source/sourceRef.ts';
import { targetName } from '../../core/observed/target.ts';
import { resolveAccess, type Access } from '../../core/access/access.ts';
import {
  reachesOfClusterConnection,
  reachOfConnection,
  reachOfServiceAccount,
  unknownId,
  type Reach,
  type AccessPath,
} from './reach.ts';

/** All that decides who reads what through us; undefined is what could not be seen. */
export interface ReviewInput {
  readonly vaultSecrets: readonly VaultSecret[] | undefined;
  readonly vaultConnections: readonly VaultConnection[] | undefined;
  readonly clusterVaultConnections: readonly GrantedConnection[] | undefined;
  readonly serviceAccounts: readonly NamedServiceAccount[] | undefined;
  /** Whether the namespaces could be seen, which decide who owns an object that is lent. */
  readonly areOwnersSeen: boolean;
  /** Of the controller, where it is known. */
  readonly defaultTenantId: string | undefined;
}

/** What a VaultSecret has read. */
export interface Reading {
  readonly vaultSecret: string;
  readonly vaultUrl: string;
  readonly objects: readonly string[];
  readonly secret: string;
}

interface Unread {
  readonly namespace: string;
  readonly vaultSecret: string;
}

export interface AccessReview {
  readonly reaches: readonly (Reach & { readonly reads: readonly Reading[] })[];
  /** VaultSecrets that read nothing, and why. */
  readonly refused: readonly (Unread & { readonly error: ReconcileError })[];
  /** VaultSecrets of which it depends on something that could not be seen. */
  readonly undecided: readonly Unread[];
}

/** Sorted by namespace. Says what may be read and what is, not whether Azure allows it. */
export function reviewAccess(input: ReviewInput): AccessReview {
  const outcomes = (input.vaultSecrets ?? []).map((vaultSecret) => outcomeOf(vaultSecret, input));
  const reaches = reachesOf(input).map((reach) => ({
    ...reach,
    reads: outcomes.flatMap((one) =>
      one.kind === 'read' && isBy(one, reach) ? [one.reading] : [],
    ),
  }));
  return {
    reaches: reaches.toSorted((a, b) => order(sortKey(a), sortKey(b))),
    refused: outcomes.flatMap((one) => (one.kind === 'refused' ? [one.refused] : [])),
    undecided: outcomes.flatMap((one) => (one.kind === 'undecided' ? [one.undecided] : [])),
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const sortKey = ({ namespace, through: { kind, name } }: Reach): string =>
  [namespace, kind === 'ServiceAccount' ? '' : kind, name].join('/');

function reachesOf(input: ReviewInput): readonly Reach[] {
  const { serviceAccounts = [], vaultConnections = [], clusterVaultConnections = [] } = input;
  const { defaultTenantId: tenantId } = input;
  return [
    ...serviceAccounts.flatMap((one) => reachOfServiceAccount(one, tenantId) ?? []),
    ...vaultConnections.flatMap((one) => reachOfConnection(one, serviceAccounts, tenantId) ?? []),
    ...clusterVaultConnections.flatMap(reachesOfClusterConnection),
  ];
}

type Outcome =
  | {
      readonly kind: 'read';
      readonly namespace: string;
      readonly through: AccessPath;
      readonly reading: Reading;
    }
  | { readonly kind: 'refused'; readonly refused: AccessReview['refused'][number] }
  | { readonly kind: 'undecided'; readonly undecided: Unread };

function isBy({ namespace, through }: Outcome & { kind: 'read' }, reach: Reach): boolean {
  const { kind, name } = reach.through;
  return namespace === reach.namespace && through.kind === kind && through.name === name;
}

function outcomeOf(vaultSecret: VaultSecret, input: ReviewInput): Outcome {
  const { namespace, name, spec } = vaultSecret;
  const unread = { namespace, vaultSecret: name };
  const seen = whatDecides(vaultSecret, input);
  if (seen === undefined) return { kind: 'undecided', undecided: unread };
  const access = accessOf(vaultSecret, seen, input);
  if (!access.ok) return { kind: 'refused', refused: { ...unread, error: access.error } };
  return {
    kind: 'read',
    namespace,
    through: throughOf(vaultSecret, seen),
    reading: {
      vaultSecret: name,
      vaultUrl: access.value.vaultUrl,
      objects: [...new Set(spec.data.map((entry) => entry.secret?.name ?? entryKey(entry)))],
      secret: targetName(vaultSecret),
    },
  };
}

interface Seen {
  readonly connection: ObservedConnection | undefined;
  /** Name of the ServiceAccount that reads, and the ServiceAccount, if it is there. */
  readonly reader: string | undefined;
  readonly serviceAccount: NamedServiceAccount | undefined;
}

function whatDecides(vaultSecret: VaultSecret, input: ReviewInput): Seen | undefined {
  const { namespace, spec } = vaultSecret;
  const { vaultConnectionRef: ref } = spec;
  const connections =
    ref?.kind === 'VaultConnection' ? input.vaultConnections : input.clusterVaultConnections;
  if (ref !== undefined && connections === undefined) return undefined;
  const connection = connections?.find(
    (one) =>
      one.name === ref?.name && (one.kind !== 'VaultConnection' || one.namespace === namespace),
  );
  const reader = readingServiceAccount(spec, connection);
  if (!isReaderSeen(reader, connection, input)) return undefined;
  const serviceAccount = input.serviceAccounts?.find(
    (one) => one.namespace === namespace && one.name === reader,
  );
  return { connection, reader, serviceAccount };
}

/** Whether all could be seen that decides who reads: the ServiceAccounts, or the owners of what is lent. */
function isReaderSeen(
  reader: string | undefined,
  connection: ObservedConnection | undefined,
  { serviceAccounts, areOwnersSeen }: ReviewInput,
): boolean {
  if (reader !== undefined) return serviceAccounts !== undefined;
  const isLent =
    connection?.kind === 'ClusterVaultConnection' && connection.spec.lend !== undefined;
  return areOwnersSeen || !isLent;
}

function accessOf(
  vaultSecret: VaultSecret,
  { connection, serviceAccount }: Seen,
  { defaultTenantId = unknownId }: ReviewInput,
): Result<Access> {
  const { problem } = vaultSecret;
  if (problem !== undefined)
    return { ok: false, error: new ReconcileError('InvalidSpec', { details: problem }) };
  const controllerIdentity = { clientId: unknownId };
  return resolveAccess({
    vaultSecret,
    connection,
    serviceAccount,
    // Whether its Secret is there is not looked at: that would take the right to list Secrets.
    credential: { uid: '', resourceVersion: '' },
    defaultTenantId,
    // Of no influence on who reads what: the cloud is that of the vault, and nothing is lent without one.
    homeCloud: azureClouds.AzurePublic,
    controllerIdentity,
  });
}

function throughOf({ spec }: VaultSecret, { connection, reader }: Seen): AccessPath {
  const isOwn = spec.serviceAccountName !== undefined || connection === undefined;
  return isOwn
    ? { kind: 'ServiceAccount', name: reader ?? '' }
    : { kind: connection.kind, name: connection.name };
}
