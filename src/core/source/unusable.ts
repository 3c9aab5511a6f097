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
