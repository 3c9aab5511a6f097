import { isDefinite, type ErrorReason } from '../errors/errorCatalogue.ts';
import { entraErrors } from '../errors/entraErrors.ts';
import type { ReconcileError } from '../errors/errors.ts';
import { managedIdentityErrors } from '../errors/managedIdentityErrors.ts';
import { isRightMissing } from '../errors/vaultAccessErrors.ts';

/**
 * What a reading shows of the identity that was lent.
 * `works`: it was let in, whatever became of the object. `noToken`: it has no token at all. `noRight`: the vault does not
 * let it in; the object can be the reason, where roles are assigned for single objects. `unknown`: nothing for sure.
 */
export type LentOutcome = 'works' | 'noToken' | 'noRight' | 'unknown';

/** `error`: undefined when everything was read. */
export function lentOutcome(error: ReconcileError | undefined): LentOutcome {
  if (error === undefined) return 'works';
  const { reason } = error;
  if (!isDefinite(reason)) return 'unknown';
  if (isOfToken(reason)) return 'noToken';
  if (isRightMissing(reason) || ofVault.includes(reason)) return 'noRight';
  return isOfObject(reason) ? 'works' : 'unknown';
}

function isOfToken(reason: ErrorReason): boolean {
  return (
    reason in entraErrors ||
    reason in managedIdentityErrors ||
    reason === 'ControllerTokenUnreadable' ||
    reason === 'IdentityBindingMissing'
  );
}

/** The same for every object of the vault. */
const ofVault: readonly ErrorReason[] = [
  'VaultNotTrusted',
  'KeyVaultNetworkForbidden',
  'KeyVaultPublicAccessDisabled',
  'CertificateNotTrusted',
];

/** The vault let the identity in, and answered about the object. */
const ofObject: readonly ErrorReason[] = [
  'KeyVaultSecretNotFound',
  'KeyVaultSecretDisabled',
  'KeyVaultSecretNotYetValid',
  'KeyVaultSecretExpired',
  'KeyVaultSecretGone',
  'KeyVaultSecretDeleted',
  'KeyVaultVersionNotFound',
  'ValueNotDecodable',
];

function isOfObject(reason: ErrorReason): boolean {
  return ofObject.includes(reason);
}
