import { RestError } from '@azure/core-rest-pipeline';
import { ReconcileError } from '../core/errors.ts';
import { serviceAccountNameOf } from '../core/identity.ts';
import { objectDetails } from '../core/keyVaultSecret.ts';
import type { ReadRequest } from '../ports/azure.ts';
import type { VaultExchange } from './exchange.ts';

/** Why a read failed, in words of the catalogue and from parsed fields only: what the official client throws holds the service's text. */
export function keyVaultError(
  thrown: unknown,
  request: ReadRequest,
  exchange: VaultExchange,
): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown;
  const details = readDetails(request);
  if (isChallengeRefused(thrown)) return new ReconcileError('VaultNotTrusted', { details });
  const { status, cause } = exchange;
  if (cause !== undefined)
    return new ReconcileError('KeyVaultUnreachable', { details: { ...details, cause } });
  if (status === undefined || (status === 401 && !(thrown instanceof RestError))) {
    const name = thrown instanceof Error ? thrown.name : typeof thrown;
    return new ReconcileError('InternalError', { details: { cause: name }, cause: thrown });
  }
  return answered(status, exchange, details);
}

export type ReadDetails = ReturnType<typeof readDetails>;

/** Names of what was read and as whom, for every explanation. */
export function readDetails({ vaultUrl, identity, ref }: ReadRequest) {
  return {
    ...objectDetails(vaultUrl, ref),
    namespace: identity.namespace,
    serviceAccount: serviceAccountNameOf(identity),
    clientId: identity.clientId,
    tenantId: identity.tenantId,
  };
}

/** @azure/keyvault-common 2 says so with a plain Error. */
function isChallengeRefused(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('The challenge');
}

/** What a 403 can be besides a missing right. */
const forbiddenReasons: Readonly<
  Record<string, 'KeyVaultSecretDisabled' | 'KeyVaultNetworkForbidden'>
> = {
  SecretDisabled: 'KeyVaultSecretDisabled',
  ForbiddenByFirewall: 'KeyVaultNetworkForbidden',
  ForbiddenByConnection: 'KeyVaultNetworkForbidden',
};

function answered(
  status: number,
  { code: innerCode, retryAfterMs }: VaultExchange,
  names: ReadDetails,
): ReconcileError {
  const details = { ...names, status, innerCode };
  if (status === 429) return new ReconcileError('KeyVaultThrottled', { details, retryAfterMs });
  if (status >= 500) return new ReconcileError('KeyVaultFailed', { details });
  if (status === 403)
    return new ReconcileError(forbiddenReasons[innerCode] ?? 'KeyVaultForbidden', { details });
  // Any other 404 is no word of Key Vault about the secret.
  if (status === 404 && innerCode === 'SecretNotFound')
    return new ReconcileError('KeyVaultSecretNotFound', { details });
  return new ReconcileError('KeyVaultRefused', { details });
}
