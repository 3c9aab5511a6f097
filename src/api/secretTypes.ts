/**
 * Data keys without which the API server refuses a type: ValidateSecret in pkg/apis/core/validation of
 * kubernetes 1.36.3, and https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
 * Each inner list names alternatives, of which one is enough.
 */
export const requiredDataKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'kubernetes.io/basic-auth': [['username', 'password']],
  'kubernetes.io/dockercfg': [['.dockercfg']],
  'kubernetes.io/dockerconfigjson': [['.dockerconfigjson']],
  'kubernetes.io/ssh-auth': [['ssh-privatekey']],
  'kubernetes.io/tls': [['tls.crt'], ['tls.key']],
};

/** "username or password"; undefined when nothing is missing. */
export function missingDataKeys(type: string, dataKeys: readonly string[]): string | undefined {
  const required = Object.hasOwn(requiredDataKeys, type) ? requiredDataKeys[type] : undefined;
  return required
    ?.find((alternatives) => !alternatives.some((key) => dataKeys.includes(key)))
    ?.join(' or ');
}
