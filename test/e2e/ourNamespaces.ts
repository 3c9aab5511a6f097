/** Of the release. */
export const releaseNamespace = 'vaultsecret-system';
/** Of the pods that look at nodes. */
export const nodeShellNamespace = 'vaultsecret-e2e-node';
/** Those with a fixed name, which go when the tests end; teams have others, which go with their test file. */
export const ourNamespaces = [releaseNamespace, nodeShellNamespace];
