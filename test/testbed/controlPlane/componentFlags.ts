import { join } from 'node:path';

/** Where the components of one control plane listen and keep their files. */
export interface Site {
  readonly directory: string;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly apiServerPort: number;
  /** Whether pods run, which have more of the controllers, and reach the API server by its Service. */
  readonly forPods: boolean;
}

/** The address of the Service `kubernetes`: the first of its range. */
export const apiServerServiceAddress = '10.0.0.1';
/** Of that Service. Where no kube-proxy translates it, the API server has to listen right there. */
export const apiServerServicePort = 443;

export const filesOf = ({ directory }: Pick<Site, 'directory'>) => ({
  adminKubeconfig: join(directory, 'admin.kubeconfig'),
  controllerManagerKubeconfig: join(directory, 'kube-controller-manager.kubeconfig'),
  /** kube-apiserver makes it at its first start: its certificate and the CA that signed it. */
  serverCertificate: join(directory, 'certificates', 'apiserver.crt'),
  tokens: join(directory, 'tokens.csv'),
  serviceAccountKey: join(directory, 'service-account.key'),
  serviceAccountPublicKey: join(directory, 'service-account.pub'),
  auditPolicy: join(directory, 'audit-policy.yaml'),
  auditLog: join(directory, 'audit.log'),
  etcd: join(directory, 'etcd'),
  certificates: join(directory, 'certificates'),
});

export function serverUrl({ apiServerPort }: Site): string {
  return `https://127.0.0.1:${apiServerPort}`;
}

export function etcdFlags(site: Site): string[] {
  const { etcdPort, etcdPeerPort } = site;
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${etcdPeerPort}`;
  return [
    '--name=testbed',
    `--data-dir=${filesOf(site).etcd}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=testbed=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerFlags(site: Site): string[] {
  const files = filesOf(site);
  return [
    `--etcd-servers=http://127.0.0.1:${site.etcdPort}`,
    `--secure-port=${site.apiServerPort}`,
    `--bind-address=${site.forPods ? '0.0.0.0' : '127.0.0.1'}`,
    // Else it looks for a network interface, and a laptop may be without.
    '--advertise-address=127.0.0.1',
    // The Service `kubernetes` would have to point to a loopback address, which is refused.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${files.certificates}`,
    `--service-account-issuer=${serverUrl(site)}`,
    `--service-account-jwks-uri=${serverUrl(site)}/openid/v1/jwks`,
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--authorization-mode=RBAC',
    // Nodes have no name that could be resolved.
    '--kubelet-preferred-address-types=InternalIP',
    `--token-auth-file=${files.tokens}`,
    `--service-cluster-ip-range=${apiServerServiceAddress}/24`,
    '--allow-privileged=true',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    // In megabytes: a log that is rotated away could not be counted.
    '--audit-log-maxsize=4096',
  ];
}

/** Only what a Secret's life depends on: nothing here schedules or runs pods. */
const controllers = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  // Fills the roles view, edit and admin.
  'clusterrole-aggregation-controller',
  'root-ca-certificate-publisher-controller',
];

export function controllerManagerFlags(site: Site): string[] {
  const files = filesOf(site);
  return [
    `--kubeconfig=${files.controllerManagerKubeconfig}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.serverCertificate}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    '--secure-port=0',
    `--controllers=${site.forPods ? '*' : controllers.join(',')}`,
    // The defaults, 20 and 30, make a deletion of thousands take minutes.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}
