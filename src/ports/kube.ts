import type { ObservedServiceAccount } from '../core/observed/identity.ts';
import type { RefusedBy } from '../core/errors/refusedBy.ts';

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly metadata: ObjectMeta;
}

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** One that is not what it should be. */
export interface UnreadableObject extends ObjectName {
  readonly resourceVersion?: string;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Not among the items. */
  readonly unreadable?: readonly UnreadableObject[];
  readonly resourceVersion: string;
  /** Present while more pages follow. */
  readonly continueToken?: string;
}

export type WatchEvent<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: T }
  /** It was added, modified or deleted. */
  | { readonly type: 'unreadable'; readonly object: UnreadableObject }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

/**
 * One resource type of the API server, as the informer reads it.
 * Guarantees: what it yields is already cut down to what may stay in memory.
 */
export interface ResourceSource<T extends KubeObject> {
  /** "secrets", "vaultsecrets": for logs and metric labels. */
  readonly resource: string;
  /** Absent: all that there are. */
  readonly namespace?: string;
  /** @throws KubeApiError (410: the continue token is too old) */
  list(request: ListRequest): Promise<ListPage<T>>;
  /**
   * Asks for bookmarks. Ends without an error when the server closes the stream.
   * @throws KubeApiError (410: the resourceVersion is too old; 429), or the signal's reason.
   */
  watch(request: WatchRequest): AsyncIterable<WatchEvent<T>>;
}

export interface ListRequest {
  /** Objects a page. */
  readonly limit: number;
  readonly continueToken?: string;
  readonly signal: AbortSignal;
}

export interface WatchRequest {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

/** One of `status.details.causes` of a refused request. */
export interface StatusCause {
  /** For example FieldManagerConflict. */
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface KubeApiErrorFields {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** `reason` of the Status object, for example NotFound, Conflict, Expired; empty when there was none. */
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly StatusCause[];
  readonly refusedBy?: RefusedBy | undefined;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A request that the API server refused, or that never got an answer. */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly refusedBy: RefusedBy | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(fields: KubeApiErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.status = fields.status;
    this.reason = fields.reason;
    this.causes = fields.causes ?? [];
    this.refusedBy = fields.refusedBy;
    this.retryAfterMs = fields.retryAfterMs;
  }
}

export interface ServiceAccountClient {
  /** Asks the API server, past every cache. @throws KubeApiError */
  get(serviceAccount: ObjectName): Promise<ObservedServiceAccount | undefined>;
}

/** https://kubernetes.io/docs/concepts/architecture/leases/ */
export interface Lease {
  /** Needed to update: a stale one is answered 409. */
  readonly resourceVersion: string;
  /** Empty when nobody holds it. */
  readonly holder: string;
  readonly durationSeconds: number;
  readonly transitions: number;
  /** As the holder wrote it; compared for change only, because clocks of two hosts differ. */
  readonly renewTime: string;
}

export interface LeaseWrite {
  readonly holder: string;
  readonly durationSeconds: number;
  readonly transitions: number;
  /** Milliseconds since the Unix epoch. */
  readonly renewTimeMs: number;
}

/** The one Lease that the replicas compete for. */
export interface LeaseClient {
  get(signal: AbortSignal): Promise<Lease | undefined>;
  /** @throws KubeApiError 409 when another replica was faster. */
  create(write: LeaseWrite, signal: AbortSignal): Promise<Lease>;
  /** @throws KubeApiError 409 when `resourceVersion` is stale. */
  update(resourceVersion: string, write: LeaseWrite, signal: AbortSignal): Promise<Lease>;
  /** Yields the Lease after each change; `undefined` after its deletion. Ends when the server closes the stream. */
  watch(resourceVersion: string, signal: AbortSignal): AsyncIterable<Lease | undefined>;
}

export type EventType = 'Normal' | 'Warning';

/** What an Event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EventNote {
  readonly subject: EventSubject;
  readonly type: EventType;
  /** CamelCase, a word of the catalogue. */
  readonly reason: string;
  /** What was done to the subject, CamelCase: Apply, Fetch. */
  readonly action: string;
  /** At most 1,024 bytes. */
  readonly note: string;
}

/** events.k8s.io/v1: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
export interface EventClient {
  /** Returns the name of the Event that was made. */
  create(event: EventNote, atMs: number): Promise<string>;
  /** Raises the series counter of an Event made before. @throws KubeApiError 404 when it has expired. */
  repeat(namespace: string, eventName: string, count: number, atMs: number): Promise<void>;
}
