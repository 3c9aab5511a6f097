/**
 * What a VaultSecret may never put on a Secret, refused by the schema and again by the plan:
 * each would turn a writer of VaultSecrets into an issuer of credentials.
 */
export const forbiddenSecretTypes: readonly string[] = [
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
  'helm.sh/release.v1',
];

/** Prefixes that Kubernetes, Helm and this controller give a meaning to. RE2 and ECMAScript alike. */
export const reservedKeyPattern = '^[^/]*(kubernetes[.]io|k8s[.]io|helm[.]sh|vaultsecret[.]dev)/';

/** Reserved by prefix, harmless by meaning: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const allowedReservedKeys: readonly string[] = [
  'app.kubernetes.io/component',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/name',
  'app.kubernetes.io/part-of',
  'app.kubernetes.io/version',
];

const reservedKey = new RegExp(reservedKeyPattern);

export function isReservedKey(key: string): boolean {
  return reservedKey.test(key) && !allowedReservedKeys.includes(key);
}
