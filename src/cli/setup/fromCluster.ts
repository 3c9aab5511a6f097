import type { VaultSecret } from '../../core/observed/observed.ts';
import type { ClusterReader } from '../../kube/clusterReader.ts';
import { OptionsError } from '../../options/optionsError.ts';
import type { SeenController } from '../seenController.ts';
import { describedBy, type Described } from './fromVaultSecret.ts';

/** The cluster of the kubeconfig, with the rights of the caller. */
export interface SetUpCluster {
  /** Of the current context. */
  readonly namespace: string;
  readonly reader: Pick<ClusterReader, 'vaultSecret' | 'connection'>;
  /** Undefined for who may not ask. @throws KubeApiError */
  readonly issuer: () => Promise<string | undefined>;
  /** The one that works on a VaultSecret, as far as the caller may see it. @throws KubeApiError */
  readonly controllerOf: (vaultSecret: VaultSecret) => Promise<SeenController | undefined>;
}

export interface InCluster extends Described {
  readonly issuer: string | undefined;
  readonly identityBinding: boolean;
}

/** What a VaultSecret of the cluster, and the cluster, say of its set-up. @throws OptionsError, KubeApiError */
export async function describedInCluster(
  { namespace: own, reader, issuer, controllerOf }: SetUpCluster,
  name: string,
  namespace = own,
): Promise<InCluster> {
  const vaultSecret = await reader.vaultSecret({ namespace, name });
  if (vaultSecret === undefined)
    throw new OptionsError(`there is no VaultSecret ${name} in namespace ${namespace}`);
  const { vaultConnectionRef: ref } = vaultSecret.spec;
  const connection = ref && (await reader.connection(namespace, ref));
  const controller = await controllerOf(vaultSecret);
  return {
    ...describedBy(vaultSecret, connection),
    issuer: await issuer(),
    identityBinding: controller?.identityBindings === true,
  };
}
