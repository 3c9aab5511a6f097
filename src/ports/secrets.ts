import type { VaultSecretStatus } from '../api/vaultSecret.ts';
import type { TypeDemand } from '../core/secret/adoption.ts';
import type { DesiredSecret } from '../core/secret/desired.ts';
import type { Marks } from '../core/secret/marks.ts';
import type { MergedPart } from '../core/secret/mergedPart.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import type { Fence } from '../core/observed/fence.ts';
import type { TakeOver } from '../core/secret/takeOver.ts';
import type { Redacted } from '../core/redacted.ts';
import type { ObjectName } from './kube.ts';
import type { Stored } from './stored.ts';

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly fence: Fence;
  readonly force: boolean;
}

/** `surplus`: all are there, and data keys more. `unknown`: the API server does not say. */
export type Comparison = 'same' | 'surplus' | 'different' | 'unknown';

/**
 * Secrets without their values: no answer carries data.
 * Guarantees: a write whose fence does not hold changes nothing.
 * @throws KubeApiError; 409 when the fence did not hold or another manager owns a field.
 */
export interface SecretClient {
  /** Asks the API server, past every cache. */
  get(secret: ObjectName): Promise<Stored<ObservedSecret> | undefined>;
  /** Asks for the type without reading the Secret. */
  hasType(secret: ObjectName, demand: TypeDemand): Promise<boolean>;
  /** Server-side apply. */
  apply(desired: DesiredSecret, options: ApplyOptions): Promise<Stored<ObservedSecret>>;
  /** How the values that stand there differ from these. Changes nothing, and no value comes back. */
  compare(desired: DesiredSecret): Promise<Comparison>;
  /** Replaces all data at once, also keys that no field manager owns. */
  replaceData(
    desired: DesiredSecret,
    fence: Fence,
    fieldManager: string,
  ): Promise<Stored<ObservedSecret>>;
  /** Changes nothing. @throws KubeApiError why this Secret would not be made, were there none of its name. */
  tryCreate(desired: DesiredSecret, fieldManager: string): Promise<void>;
  /** Rewrites managedFields: what others owned is ours, as if we had applied it. */
  takeOver(
    secret: ObservedSecret,
    takeOver: TakeOver,
    fieldManager: string,
  ): Promise<Stored<ObservedSecret>>;
  /** Removes data keys of other managers, which server-side apply never does. */
  prune(
    secret: ObservedSecret,
    dataKeys: readonly string[],
    fieldManager: string,
  ): Promise<Stored<ObservedSecret>>;
  delete(secret: ObjectName, fence: Fence): Promise<void>;
  /** Takes our keys and marks out of a Secret of others; undefined when it is gone. */
  withdraw(
    secret: ObjectName,
    fence: Fence,
    part: MergedPart,
  ): Promise<Stored<ObservedSecret> | undefined>;
  /** Owns nothing of it any more; what nobody else owns goes. */
  disown(secret: ObservedSecret, fieldManager: string): Promise<Stored<ObservedSecret>>;
  /** Takes these marks off and owns nothing any more; the values stay as they are. Undefined when it is gone. */
  release(
    secret: ObjectName,
    fence: Fence,
    marks: Marks,
  ): Promise<Stored<ObservedSecret> | undefined>;
}

export interface VaultSecretClient {
  /** As it stands there now. @throws KubeApiError */
  get(vaultSecret: ObjectName): Promise<VaultSecret | undefined>;
  /**
   * Replaces the whole status of exactly this uid, if it still is as we know it; undefined when the spec was edited or a
   * refresh asked for meanwhile, because then only the watch knows what stands there now.
   * @throws KubeApiError; 422 without causes when others wrote the status meanwhile, 404 when the VaultSecret is gone.
   */
  replaceStatus(
    vaultSecret: VaultSecret,
    status: VaultSecretStatus,
  ): Promise<Stored<VaultSecret> | undefined>;
  /**
   * Replaces the finalizers of exactly this uid, if they still are as we know them; undefined as above.
   * @throws KubeApiError; 422 when they are not, 404 when the VaultSecret is gone.
   */
  replaceFinalizers(
    vaultSecret: VaultSecret,
    finalizers: readonly string[],
  ): Promise<Stored<VaultSecret> | undefined>;
}

export interface ServiceAccountTokenRequest {
  readonly namespace: string;
  readonly name: string;
  /** The API server refuses (409) to answer for a ServiceAccount made again under the same name. */
  readonly uid: string;
  readonly audience: string;
  /** At least 600. */
  readonly expirationSeconds: number;
}

export interface ServiceAccountToken {
  readonly token: Redacted<string>;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

export interface ServiceAccountTokenClient {
  /** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ @throws KubeApiError */
  request(request: ServiceAccountTokenRequest): Promise<ServiceAccountToken>;
}
