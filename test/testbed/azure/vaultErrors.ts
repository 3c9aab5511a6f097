import type { Answer } from './httpAnswer.ts';
import { isServiceSince } from './serviceVersion.ts';
import type { Vault } from './vaultStore.ts';

export interface VaultError {
  status: number;
  code: string;
  message: string;
  innerCode?: string;
  headers?: Readonly<Record<string, string>>;
}

export function vaultErrorAnswer(error: VaultError): Answer {
  const { code, message, innerCode } = error;
  const innererror = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return {
    status: error.status,
    ...(error.headers === undefined ? {} : { headers: error.headers }),
    body: { error: { code, message, ...innererror } },
  };
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

export const forbidden = (message: string, innerCode: string): VaultError => ({
  status: 403,
  code: 'Forbidden',
  message,
  innerCode,
});

/** Refusals of a request that was let in. */
export const requestErrors = {
  methodNotAllowed: (method: string): VaultError => ({
    status: 405,
    code: 'MethodNotAllowed',
    message: `HTTP ${method} not allowed`,
  }),
  /** Says plainly that the stand-in ends here; the service has no such answer. */
  notServed: (what: string): VaultError => ({
    status: 501,
    code: 'NotImplemented',
    message: `The stand-in does not serve ${what}.`,
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
    message: isServiceSince(vault, '1.1.6')
      ? `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`
      : `Secret not found: ${name}`,
  }),
  /** No recording shows this text. */
  nameTaken: (name: string): VaultError => ({
    status: 409,
    code: 'Conflict',
    message: `A secret named ${name} exists already.`,
  }),
  certificateNotFound: (vault: Vault, name: string): VaultError => ({
    status: 404,
    code: 'CertificateNotFound',
    // The older text was recorded in March 2020, from version 1.1.0.897.
    message: !isServiceSince(vault, '1.1.6')
      ? `Certificate not found: ${name}`
      : `A certificate with (name/id) ${name} was not found in this key vault. If you recently deleted this certificate you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  }),
  pendingCertificateNotFound: (name: string): VaultError => ({
    status: 404,
    code: 'PendingCertificateNotFound',
    message: `Pending certificate not found: ${name}`,
  }),
  deletedSecretNotFound: (name: string): VaultError => ({
    status: 404,
    code: 'SecretNotFound',
    message: `Deleted Secret not found: ${name}`,
  }),
  disabled: () => forbidden('Operation get is not allowed on a disabled secret.', 'SecretDisabled'),
  deletedAndDisabled: (vault: Vault) =>
    isServiceSince(vault, '1.1.10')
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
      `Secret ${isServiceSince(vault, '1.1.6') ? `${name} ` : ''}is currently being deleted.`,
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
