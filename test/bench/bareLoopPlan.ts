/** Everything the bare loop sends, made before the clock starts. */
export interface BareLoopPlan {
  /** With the controller's rights. */
  readonly kubeconfig: string;
  /** host:port in place of the vaults' own. */
  readonly vaultAddress: string;
  readonly vaultCaFile: string;
  readonly atOnce: number;
  /** Listed in pages, then watched to the end. */
  readonly collections: readonly Collection[];
  readonly exchanges: readonly Exchange[];
}

export interface Collection {
  readonly path: string;
  readonly labelSelector?: string;
  readonly accept: { readonly list: string; readonly watch: string };
}

/** What the controller sends for one VaultSecret. */
export interface Exchange {
  readonly vaultUrl: string;
  readonly token: string;
  readonly apply: KubeWrite;
  readonly status: KubeWrite;
}

export interface KubeWrite {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly accept: string;
  readonly contentType: string;
  readonly body: string;
}
