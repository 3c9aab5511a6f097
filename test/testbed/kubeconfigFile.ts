import { writeFile } from 'node:fs/promises';
import type { Cluster } from '@kubernetes/client-node';
import { stringify } from 'yaml';

export type Credential = { readonly token: string } | { readonly tokenFile: string };

/** A kubeconfig with one user of a cluster; token and CA files are named by absolute path. */
export async function writeKubeconfig(
  file: string,
  cluster: Partial<Cluster> & Pick<Cluster, 'server'>,
  credential: Credential,
): Promise<void> {
  const { server, caFile, caData, tlsServerName, skipTLSVerify, proxyUrl } = cluster;
  const name = 'testbed';
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          'certificate-authority': caFile,
          'certificate-authority-data': caData,
          'tls-server-name': tlsServerName,
          'insecure-skip-tls-verify': skipTLSVerify,
          'proxy-url': proxyUrl,
        },
      },
    ],
    users: [{ name, user: userOf(credential) }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
  await writeFile(file, text, { mode: 0o600 });
}

/** `tokenFile` is what Kubernetes calls it; client-node 2.0.1 (config_types.js), which tests use as it is, reads `token-file`. */
function userOf(credential: Credential): object {
  return 'token' in credential ? credential : { ...credential, 'token-file': credential.tokenFile };
}
