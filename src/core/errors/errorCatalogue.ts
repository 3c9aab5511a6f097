import type { CatalogueEntry } from './catalogueEntry.ts';
import { clusterErrors } from './clusterErrors.ts';
import { connectionErrors } from './connectionErrors.ts';
import { clientCredentialErrors, credentialErrors } from './credentialErrors.ts';
import { entraErrors } from './entraErrors.ts';
import { hostErrors } from './hostErrors.ts';
import { identityErrors } from './identityErrors.ts';
import { keyVaultErrors } from './keyVaultErrors.ts';
import { managedIdentityErrors } from './managedIdentityErrors.ts';
import { networkErrors } from './networkErrors.ts';
import { secretErrors } from './secretErrors.ts';
import { tokenErrors } from './tokenErrors.ts';
import { vaultAccessErrors } from './vaultAccessErrors.ts';

/** Key: the condition reason. docs/errors.md is generated from here. */
export const errorCatalogue = {
  InvalidSpec: {
    code: 'VS101',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'The spec is not valid: {field} {problem}.',
    remedy: 'Correct the field; `kubectl explain vaultsecret.spec` describes it.',
  },
  ...connectionErrors,
  ...identityErrors,
  ...credentialErrors,
  ...managedIdentityErrors,
  ...hostErrors,
  ...entraErrors,
  ...clientCredentialErrors,
  ...tokenErrors,
  ...keyVaultErrors,
  ...vaultAccessErrors,
  ...secretErrors,
  ...networkErrors,
  ...clusterErrors,
  InternalError: {
    code: 'VS900',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Something that the controller does not know went wrong ({cause}).',
    remedy: "It is tried again. The controller's log has the details; please report it.",
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type ErrorReason = keyof typeof errorCatalogue;

/** Somebody must act: it will not pass by itself. */
export function isDefinite(reason: ErrorReason): boolean {
  const { retry } = errorCatalogue[reason];
  return retry !== 'backoff' && retry !== 'throttled';
}
