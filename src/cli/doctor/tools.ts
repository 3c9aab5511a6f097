import type { Cloud, VaultInCloud } from '../../api/cloud.ts';
import type { AssertionSource } from '../../identity/assertions.ts';
import type { VaultProbe } from '../../keyvault/probe.ts';
import type { ClusterReader } from '../../kube/clusterReader.ts';
import type { HostNames } from '../../net/hostNames.ts';
import type { SecretReader, TokenReader, TokenSource } from '../../ports/azure.ts';
import type { Clock } from '../../ports/system.ts';

/** With the rights of whoever calls, and otherwise what the controller uses. */
export interface DoctorTools {
  readonly cluster: ClusterReader;
  readonly assertions: AssertionSource;
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
