import type { Answer } from './httpAnswer.ts';
import type { Vault } from './vaultStore.ts';

export interface VaultError {
  status: number;
  code: string;
  message: string;
  innerCode?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Caller {
  appid: string;
  oid: string;
  tid: string;
}

const keyVaultAppId = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';
/** Microsoft's own issuers, listed after the vault's in AKV10032. */
const microsoftTenants = [
  'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
  'e2d54eb5-3869-4f70-8578-dee5fc7331f4',
  '33e01921-4d64-4f8c-a055-5bdaffd5e33d',
  '975f013f-7f24-47e8-a7d3-abc4752bf346',
];

export function vaultErrorAnswer(error: VaultError): Answer {
  const { code, message, innerCode } = error;
  const innererror = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return {
    status: error.status,
    ...(error.headers === undefined ? {} : { headers: error.headers }),
    body: { error: { code, message, ...innererror } },
  };
}

/** Is the service that the vault stands for at least of this version? Texts changed over the years. */
function isSince(vault: Vault, version: string): boolean {
  const ours = vault.settings.serviceVersion.split('.').map(Number);
  for (const [index, part] of version.split('.').map(Number).entries()) {
    const difference = (ours[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function unauthorized(vault: Vault, message: string): VaultError {
  const host = isSince(vault, '1.9.800') ? 'login.microsoftonline.com' : 'login.windows.net';
  const challenge = `Bearer authorization="https://${host}/${vault.settings.tenantId}", resource="https://vault.azure.net"`;
  return {
    status: 401,
    code: 'Unauthorized',
    message,
    headers: { 'www-authenticate': challenge },
  };
}

function missingTokenText(vault: Vault): string {
  if (isSince(vault, '1.9.3070')) {
    return 'AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.';
  }
  const prefix = isSince(vault, '1.9') ? 'AKV10000: ' : '';
  return `${prefix}Request is missing a Bearer or PoP token.`;
}

const conflict = (message: string, innerCode: string): VaultError => ({
  status: 409,
  code: 'Conflict',
  message,
  innerCode,
});

const badParameter = (message: string): VaultError => ({
  status: 400,
  code: 'BadParameter',
  message,
});

const forbidden = (message: string, innerCode: string): VaultError => ({
  status: 403,
  code: 'Forbidden',
  message,
  innerCode,
});

/** Refusals before the vault looks at the request itself. */
export const accessErrors = {
  missingToken: (vault: Vault) => unauthorized(vault, missingTokenText(vault)),
  invalidToken: (vault: Vault) =>
    unauthorized(vault, "[TokenExpired] Error validating token: 'S2S12086'."),
  unknownTokenKey: (vault: Vault) =>
    unauthorized(
      vault,
      "AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '***'.",
    ),
  wrongAudience: (vault: Vault, audience: string) =>
    unauthorized(
      vault,
      `AKV10022: Invalid audience. Expected https://vault.azure.net${isSince(vault, '1.9.1200') ? ` or ${keyVaultAppId}` : ''}, found: ${audience}.`,
    ),
  wrongIssuer: (vault: Vault, issuer: string) => {
    const expected = [vault.settings.tenantId, ...microsoftTenants]
      .map((tenant) => `https://sts.windows.net/${tenant}/`)
      .join(', ');
    return unauthorized(
      vault,
      `AKV10032: Invalid issuer. Expected one of ${expected}, found ${issuer}.`,
    );
  },
  /** The only text with CRLF that does not end in one. */
  firewall: (vault: Vault, caller: Caller) =>
    forbidden(
      [
        'Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because bypass is set to None',
        'Client address: 127.0.0.1',
        `Caller: appid=${caller.appid};oid=${caller.oid}`,
        `Vault: ${vault.settings.name};location=${vault.settings.location}`,
      ].join('\r\n'),
      'ForbiddenByFirewall',
    ),
  rbac: (vault: Vault, caller: Caller, action: string, resource: string) =>
    forbidden(
      [
        'Caller is not authorized to perform action on resource.',
        'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
        `Caller: ${callerText(caller)}`,
        `Action: '${action}'`,
        `Resource: '${resource}'`,
        'Assignment: (not found)',
        'DenyAssignmentId: null',
        "DecisionReason: 'DeniedWithNoValidRBAC' ",
        `Vault: ${vault.settings.name};location=${vault.settings.location}`,
        '',
      ].join('\r\n'),
      'ForbiddenByRbac',
    ),
  policy: (vault: Vault, caller: Caller, permission: string) =>
    forbidden(
      `The user, group or application '${callerText(caller)}' does not have secrets ${permission} permission on key vault '${vault.settings.name};location=${vault.settings.location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
      'ForbiddenByPolicy',
    ),
  throttled: (retryAfterSeconds: number | undefined): VaultError => ({
    status: 429,
    code: 'Throttled',
    message:
      'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    ...(retryAfterSeconds === undefined
      ? {}
      : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  }),
  failing: (status: number): VaultError => ({
    status,
    code: status === 503 ? 'ServiceUnavailable' : 'InternalServerError',
    message: 'Internal server error.',
  }),
};

function callerText({ appid, oid, tid }: Caller): string {
  return `appid=${appid};oid=${oid};iss=https://sts.windows.net/${tid}/`;
}

/** Refusals of a request that was let in. */
export const requestErrors = {
  methodNotAllowed: (method: string): VaultError => ({
    status: 405,
    code: 'MethodNotAllowed',
    message: `HTTP ${method} not allowed`,
  }),
  /** No recording shows an unknown path; keys and certificates are not served here. */
  notServed: (path: string): VaultError => ({
    status: 404,
    code: 'NotFound',
    message: `The stand-in does not serve ${path}`,
  }),
  invalidName: (name: string) => badParameter(`The request URI contains an invalid name: ${name}`),
  /** Documented to be refused ("there is no default"); the text is not. */
  missingApiVersion: () => badParameter('api-version must be specified'),
  unknownApiVersion: (version: string, latest: string) =>
    badParameter(
      `The specified version (${version}) is not recognized. Consider using the latest supported version (${latest}).`,
    ),
  /** No recording shows this text. */
  invalidBody: (what: string) => badParameter(`Property has invalid value: ${what}`),
  notConvertible: () =>
    badParameter(
      "The 'Unsupported' to 'PEM' transformation is not supported. Only PFX to PEM transformation is supported.",
    ),
  secretNotFound: (vault: Vault, name: string): VaultError => ({
    status: 404,
    code: 'SecretNotFound',
    message: isSince(vault, '1.1.6')
      ? `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`
      : `Secret not found: ${name}`,
  }),
  deletedSecretNotFound: (name: string): VaultError => ({
    status: 404,
    code: 'SecretNotFound',
    message: `Deleted Secret not found: ${name}`,
  }),
  disabled: () => forbidden('Operation get is not allowed on a disabled secret.', 'SecretDisabled'),
  deletedAndDisabled: (vault: Vault) =>
    isSince(vault, '1.1.10')
      ? requestErrors.disabled()
      : forbidden('Operation get is not permitted on this object.', 'AccessDenied'),
  managed: (operation: string) =>
    forbidden(
      `Operation "${operation}" is not allowed on this secret, since it is associated with a certificate. Perform the operation on the corresponding certificate. For more information refer to https://docs.microsoft.com/en-us/azure/key-vault/certificates/about-certificates#composition-of-a-certificate`,
      'SecretManagedByKeyVault',
    ),
  beingDeletedForSet: (name: string) =>
    conflict(
      `Secret ${name} is currently being deleted and cannot be re-created; retry later.`,
      'ObjectIsBeingDeleted',
    ),
  beingDeleted: (vault: Vault, name: string) =>
    conflict(
      `Secret ${isSince(vault, '1.1.6') ? `${name} ` : ''}is currently being deleted.`,
      'ObjectIsBeingDeleted',
    ),
  deletedButRecoverable: (name: string) =>
    conflict(
      `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      'ObjectIsDeletedButRecoverable',
    ),
  existsAlready: (name: string): VaultError => ({
    status: 400,
    code: 'MethodNotAllowed',
    message: `Secret exists already: ${name}`,
    innerCode: 'RequestNotAllowedOnNonDeletedObject',
  }),
  purgeProtected: (vault: Vault) =>
    forbidden(
      `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${vault.settings.name};location=${vault.settings.location}`,
      'ForbiddenByPolicy',
    ),
  malformedBackup: (): VaultError => ({
    status: 400,
    code: 'Malformed backup blob',
    message: 'Backup blob contains invalid or corrupt version.',
  }),
  restoreConflict: (secretId: string): VaultError => ({
    status: 409,
    code: 'Conflict',
    message: `There was a conflict restoring the secret '${secretId}'. This can happen if either: a second secret with the same name was created after the first secret was deleted; thus trying to restore a secret whose name is already in use. To fix this, rename the second secret to something else so that the restore works. The second probable cause of this exception is when multiple operations are performed in parallel against the secret. To avoid this error, perform operations against a secret in a sequential manner.`,
  }),
};
