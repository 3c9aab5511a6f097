import { ReconcileError } from '../errors/errors.ts';
import { objectDetails, type KeyVaultSecretRef } from './keyVaultSecret.ts';
import { rfc3339 } from '../rfc3339.ts';
import type { Unusable, Validity } from './validity.ts';

export interface Source {
  readonly vaultUrl: string;
  readonly ref: KeyVaultSecretRef;
}

const words: Readonly<Record<Unusable, string>> = {
  disabled: 'disabled',
  notYetValid: 'not valid yet',
  expired: 'expired',
};

/** No version may be used, and this is what keeps the newest from it. It is tried again when one becomes valid, if one will. */
export function unusableError(
  { vaultUrl, ref }: Source,
  problem: Unusable,
  { notBefore = 0, expiresOn = 0 }: Validity,
  retryAfterMs: number | undefined,
): ReconcileError {
  const names = objectDetails(vaultUrl, ref);
  switch (problem) {
    case 'disabled':
      return new ReconcileError('KeyVaultSecretDisabled', { details: names, retryAfterMs });
    case 'notYetValid':
      return new ReconcileError('KeyVaultSecretNotYetValid', {
        details: { ...names, notBefore: rfc3339(notBefore) },
        retryAfterMs,
      });
    case 'expired':
      return new ReconcileError('KeyVaultSecretExpired', {
        details: { ...names, expiresOn: rfc3339(expiresOn) },
        retryAfterMs,
      });
  }
}

/** The newest version is not to be used, and which others there are may not be known. */
export function listForbiddenError(
  { vaultUrl, ref }: Source,
  problem: Unusable,
  { details }: ReconcileError,
): ReconcileError {
  const { clientId = '', innerCode = '' } = details;
  return new ReconcileError('KeyVaultListForbidden', {
    details: { ...objectDetails(vaultUrl, ref), problem: words[problem], clientId, innerCode },
  });
}

interface Gone {
  /** What becomes of the Secret, as the end of a sentence. */
  readonly consequence: string;
  /** It can be recovered. After a purge, or without the right to see what is deleted, Key Vault shows none. */
  readonly isDeleted: boolean;
  readonly retryAfterMs?: number;
}

/** An object that was there is missing. */
export function goneError(
  { vaultUrl, ref }: Source,
  { consequence, isDeleted, retryAfterMs }: Gone,
): ReconcileError {
  const names = objectDetails(vaultUrl, ref);
  const at = `--vault-name ${names.vaultName} --name ${names.objectName}`;
  const wayBack = isDeleted
    ? `To bring it back run: az keyvault secret recover ${at}`
    : `Key Vault shows none to recover. To make it again run: az keyvault secret set ${at} --file <file>`;
  const details = { ...names, consequence, wayBack };
  return new ReconcileError('KeyVaultSecretGone', { details, retryAfterMs });
}
