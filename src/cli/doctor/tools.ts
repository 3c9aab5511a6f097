import type { Cloud, VaultInCloud } from '../../api/cloud.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import type { AssertionSource } from '../../identity/assertions.ts';
import type { VaultProbe } from '../../keyvault/probe.ts';
import type { ClusterReader } from '../../kube/clusterReader.ts';
import type { HostNames } from '../../net/hostNames.ts';
import type { SecretReader, TokenReader, TokenSource } from '../../ports/azure.ts';
import type { ObjectName } from '../../ports/kube.ts';
import type { Clock } from '../../ports/system.ts';
import type { SeenController } from '../seenController.ts';

/** With the rights of whoever calls, and otherwise what the controller uses. */
export interface DoctorTools {
  readonly cluster: ClusterReader;
  readonly assertions: AssertionSource;
  /** The same for the proxy of AKS identity bindings. */
  readonly bindingAssertions: AssertionSource;
  readonly controllerOf: (vaultSecret: VaultSecret) => Promise<SeenController | undefined>;
  /** Whether RBAC says so; undefined for who may not ask. @throws KubeApiError */
  readonly mayUseIdentity: (
    serviceAccount: ObjectName,
    clientId: string,
  ) => Promise<boolean | undefined>;
  readonly tokens: TokenSource;
  readonly reader: SecretReader;
  readonly tokenReader: TokenReader;
  /** Asks the vault without a token. @throws ReconcileError when no answer comes */
  readonly probe: (place: VaultInCloud) => Promise<VaultProbe>;
  readonly hostNames: HostNames;
  readonly clock: Clock;
  readonly defaultTenantId: string | undefined;
  readonly homeCloud: Cloud;
}
