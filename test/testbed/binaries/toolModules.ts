/** A Go tool module beside this file, and the module whose version its binaries have. */
export interface ToolModule {
  readonly directory: string;
  readonly versionOf: string;
  readonly package: string;
  /** Variables that the linker sets, without which a binary does not know its version. */
  readonly variables: (version: string) => Readonly<Record<string, string>>;
}

export type BinaryName =
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'etcd'
  | 'helm'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kubelet';

export const toolModules: Readonly<Record<BinaryName, ToolModule>> = {
  containerd: containerd('containerd'),
  'containerd-shim-runc-v2': containerd('containerd-shim-runc-v2'),
  ctr: containerd('ctr'),
  etcd: {
    directory: 'etcd',
    versionOf: 'go.etcd.io/etcd/server/v3',
    package: 'go.etcd.io/etcd/server/v3',
    variables: () => ({}),
  },
  helm: {
    directory: 'helm',
    versionOf: 'helm.sh/helm/v3',
    package: 'helm.sh/helm/v3/cmd/helm',
    // `helm template` and `helm lint` take their cluster to be 1.20 otherwise, as Helm's Makefile says.
    variables: (version) => ({
      'helm.sh/helm/v3/internal/version.version': version,
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '36',
      'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': '36',
    }),
  },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubectl: kubernetes('kubectl'),
  kubelet: kubernetes('kubelet'),
};

function containerd(command: string): ToolModule {
  return {
    directory: 'containerd',
    versionOf: 'github.com/containerd/containerd/v2',
    package: `github.com/containerd/containerd/v2/cmd/${command}`,
    // kubelet asks for it, and shows it as the version of the node's runtime.
    variables: (version) => ({ 'github.com/containerd/containerd/v2/version.Version': version }),
  };
}

function kubernetes(command: string): ToolModule {
  return {
    directory: 'kubernetes',
    versionOf: 'k8s.io/kubernetes',
    package: `k8s.io/kubernetes/cmd/${command}`,
    // Without the version kube-apiserver calls itself v0.0.0-master, which Helm and kubectl cannot parse.
    variables: (version) => ({ 'k8s.io/component-base/version.gitVersion': version }),
  };
}
