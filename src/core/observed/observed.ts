import type { Cloud } from '../../api/cloud.ts';
import type { VaultSecretSpec, VaultSecretStatus } from '../../api/vaultSecret.ts';
import type { ReconcileError } from '../errors/errors.ts';
import type { ControllerIdentity, ObservedConnection } from './connection.ts';
import type { ObservedServiceAccount } from './identity.ts';
import type { ObservedCredential } from './servicePrincipal.ts';
import type { SpecProblem } from './problem.ts';

export interface VaultSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** Milliseconds since the Unix epoch, by the API server's clock, whole seconds. */
  readonly createdAt: number;
  /** Being deleted: its Secret must not be made again. */
  readonly terminating: boolean;
  readonly finalizers: readonly string[];
  /** Value of the annotation that asks for a refresh. */
  readonly refresh?: string;
  readonly spec: VaultSecretSpec;
  readonly status: VaultSecretStatus;
  /** Set when the stored spec does not fit the schema, which an older CRD lets pass; then `spec` is not to be read. */
  readonly problem?: SpecProblem;
}

/** What one field manager owns of a Secret. https://kubernetes.io/docs/reference/using-api/server-side-apply/#managedfields */
export interface FieldManager {
  readonly name: string;
  readonly operation: string;
  /** RFC 3339, whole seconds, as the API server wrote it. */
  readonly time: string;
  readonly dataKeys: readonly string[];
  /**
   * Written as `stringData`. Such an apply changes values while the entry of `data` stays with its former manager,
   * and this list outlives the repair: seen on kube-apiserver 1.36.3.
   */
  readonly stringDataKeys: readonly string[];
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** On a Secret of others, that a VaultSecret merged its keys into it. */
export interface MergeMark {
  /** Of the VaultSecret; its field manager holds the keys. */
  readonly uid: string;
  /** `namespace/name` of the VaultSecret. */
  readonly owner: string;
  /** Its sync record. */
  readonly record?: string;
}

/** A Secret without its values: all that may stay in memory between reconciles. */
export interface ObservedSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly terminating: boolean;
  /** Has our label, so that our watch sees it. */
  readonly managed: boolean;
  /** `namespace/name` of the VaultSecret in our annotation. */
  readonly owner?: string;
  /** uids of the owner references. */
  readonly ownerUids: readonly string[];
  /** The sync record as it stands in the annotation. */
  readonly record?: string;
  readonly marks: readonly MergeMark[];
  readonly managers: readonly FieldManager[];
}

/** Our own last write to the target, as the API server answered it. */
export interface LastWrite {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Time of our entry in managedFields: the API server's clock. */
  readonly time: string;
  /** Milliseconds since the Unix epoch, by our clock: the answer came. */
  readonly at: number;
}

/** How often we undid a change of the Secret by another client, each time soon after the one before. */
export interface Repairs {
  readonly count: number;
  /** Milliseconds since the Unix epoch. */
  readonly lastAt: number;
  /** Field manager that wrote to the Secret last, but us. */
  readonly by: string;
}

/** Nothing but that it has no such object was answered by Key Vault. */
export interface Missing {
  /** Milliseconds that it has been so, as far as looks prove it. */
  readonly forMs: number;
  /** Milliseconds since the Unix epoch: the last such answer. */
  readonly lastAt: number;
}

/** What was read cannot be written; as long as the question stays the same, so does the answer. */
export interface Verdict {
  readonly error: ReconcileError;
  readonly question: string;
}

/** What one process remembers of a VaultSecret; losing it costs nothing but a later refresh. */
export interface SyncMemory {
  /** Milliseconds since the Unix epoch: the next refresh. */
  readonly refreshAt: number;
  /** Milliseconds since the Unix epoch: when the Secret was last known to be true to Key Vault. */
  readonly verifiedAt: number;
  /** Failed attempts in a row, which space out the next ones. */
  readonly failures: number;
  /** The target may exist where our watch does not see it: without our label. */
  readonly lookLive: boolean;
  /** `identityKey` of the identity that read last, if it is of the VaultSecret's own namespace. */
  readonly identity?: string | undefined;
  readonly lastWrite?: LastWrite;
  readonly repairs?: Repairs | undefined;
  /** By `refKey`, of objects that Key Vault does not have. */
  readonly missing?: Readonly<Record<string, Missing>> | undefined;
  readonly verdict?: Verdict | undefined;
}

/** Everything that a decision rests on, read at one moment. */
export interface Observed {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly vaultSecret: VaultSecret;
  /** The connection that the VaultSecret refers to; whether it may be used is not decided yet. */
  readonly connection: ObservedConnection | undefined;
  /** The one that is named to read, by the VaultSecret or its connection. */
  readonly serviceAccount: ObservedServiceAccount | undefined;
  /** The Secret with the credential of the application that is named to read, by the connection. */
  readonly credential: ObservedCredential | undefined;
  readonly defaultTenantId: string | undefined;
  /** The cloud of the controller, with the name of Microsoft Entra ID that it was started with. */
  readonly homeCloud: Cloud;
  /** What could be lent; undefined when the controller's pod has no identity. */
  readonly controllerIdentity: ControllerIdentity | undefined;
  /** The Secret under the target's name, with any owner. */
  readonly target: ObservedSecret | undefined;
  /** The target has not the type that it would need for us to take it over; false where nothing rests on it. */
  readonly hasWrongType: boolean;
  /** Other VaultSecrets, also those that are being deleted, that want the same Secret or whose name its annotation bears. */
  readonly rivals: readonly VaultSecret[];
  /** Secrets of this VaultSecret under another name: the target was renamed. */
  readonly formerTargets: readonly ObservedSecret[];
  /** Other VaultSecrets that want one of those. */
  readonly heirs: readonly VaultSecret[];
  readonly memory: SyncMemory;
}
