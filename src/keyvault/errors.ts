import { RestError } from '@azure/core-rest-pipeline';
import { tenantIdAnnotation } from '../api/meta.ts';
import { ReconcileError, type ErrorDetails } from '../core/errors/errors.ts';
import { clientIdOf, isLentIdentity, serviceAccountNameOf } from '../core/observed/identity.ts';
import type { keyVaultErrors } from '../core/errors/keyVaultErrors.ts';
import { objectDetails, type KeyVaultSecretRef } from '../core/source/keyVaultSecret.ts';
import { networkReasonOf } from '../core/errors/networkReason.ts';
import type { vaultAccessErrors } from '../core/errors/vaultAccessErrors.ts';
import type { ReadRequest } from '../ports/azure.ts';
import { ChallengeError, noCode, type VaultExchange } from './exchange.ts';

/** Why a read failed, in words of the catalogue and from parsed fields only: what the official client throws holds the service's text. */
export function keyVaultError(
  thrown: unknown,
  request: ReadRequest,
  exchange: VaultExchange,
): ReconcileError {
  if (thrown instanceof ReconcileError) return thrown;
  const details = readDetails(request);
  if (thrown instanceof ChallengeError) return new ReconcileError('VaultNotTrusted', { details });
  const { status, cause } = exchange;
  if (cause !== undefined) return unreachableError(request, cause);
  if (status === undefined || (status === 401 && !(thrown instanceof RestError))) {
    const name = thrown instanceof Error ? thrown.name : typeof thrown;
    return new ReconcileError('InternalError', { details: { cause: name }, cause: thrown });
  }
  return answered(status, exchange, request);
}

/** Names of what was read and as whom, for every explanation. */
export function readDetails({ vaultUrl, identity, ref }: ReadRequest) {
  return {
    ...objectDetails(vaultUrl, ref),
    namespace: identity.namespace,
    serviceAccount: serviceAccountNameOf(identity),
    clientId: clientIdOf(identity),
    tenantId: identity.tenantId,
  };
}

/** No answer came from the vault. */
export function unreachableError(request: ReadRequest, cause: string): ReconcileError {
  return vaultUnreachableError(readDetails(request), cause);
}

export function vaultUnreachableError(
  names: ErrorDetails & { readonly vaultHost: string; readonly vaultName: string },
  cause: string,
): ReconcileError {
  const details = { ...names, host: names.vaultHost, cause };
  const reason = networkReasonOf(cause) ?? 'KeyVaultUnreachable';
  return new ReconcileError(reason === 'HostUnknown' ? 'KeyVaultHostUnknown' : reason, { details });
}

/** Which tenant that is, Azure says: the vault may be anybody's. */
export function otherTenantError(request: ReadRequest): ReconcileError {
  const details = readDetails(request);
  const tenantId = `$(az keyvault show --name ${details.vaultName} --query properties.tenantId --output tsv)`;
  const { identity } = request;
  if ('credential' in identity) {
    const { connection, namespace } = identity;
    const edit = `kubectl edit vaultconnection ${connection} --namespace ${namespace}, where spec.servicePrincipal.tenantId must be "${tenantId}"`;
    return new ReconcileError('VaultInOtherTenant', {
      details: { ...details, tenantCommand: edit },
    });
  }
  const tenantCommand = isLentIdentity(identity)
    ? `kubectl edit clustervaultconnection ${identity.connection}, where spec.tenantId must be "${tenantId}"`
    : `kubectl annotate --overwrite serviceaccount ${identity.serviceAccountName} --namespace ${identity.namespace} ${tenantIdAnnotation}="${tenantId}"`;
  return new ReconcileError('VaultInOtherTenant', { details: { ...details, tenantCommand } });
}

type AnsweredReason =
  | Exclude<
      keyof typeof keyVaultErrors,
      | 'KeyVaultSecretGone'
      | 'KeyVaultSecretDeleted'
      | 'KeyVaultSecretNotYetValid'
      | 'KeyVaultSecretExpired'
      | 'KeyVaultListForbidden'
      | 'ValueNotDecodable'
      | 'KeyVaultUnreachable'
    >
  | Exclude<keyof typeof vaultAccessErrors, 'KeyVaultHostUnknown'>;

/** What a 403 can mean. `AccessDenied` was the code of access policies before 2021. */
const forbiddenReasons: Readonly<Record<string, AnsweredReason>> = {
  SecretDisabled: 'KeyVaultSecretDisabled',
  ForbiddenByRbac: 'KeyVaultRoleMissing',
  ForbiddenByPolicy: 'KeyVaultPolicyMissing',
  AccessDenied: 'KeyVaultPolicyMissing',
  ForbiddenByFirewall: 'KeyVaultNetworkForbidden',
  ForbiddenByConnection: 'KeyVaultPublicAccessDisabled',
};

/** The issuer of the token is no tenant that the vault trusts. */
const wrongIssuer = 'AKV10032';

function answered(
  status: number,
  { code: innerCode, retryAfterMs, clientAddress = unknownAddress }: VaultExchange,
  request: ReadRequest,
): ReconcileError {
  if (innerCode === wrongIssuer) return otherTenantError(request);
  const details = { ...readDetails(request), status, innerCode, clientAddress };
  return new ReconcileError(answeredReason(status, innerCode, request), { details, retryAfterMs });
}

const unknownAddress = '<address from which the cluster reaches Azure>';

function answeredReason(status: number, innerCode: string, { ref }: ReadRequest): AnsweredReason {
  if (status === 429) return 'KeyVaultThrottled';
  if (status >= 500) return 'KeyVaultFailed';
  if (status === 401) return 'KeyVaultTokenRefused';
  // Whatever comes without a code is no word of Key Vault.
  if (innerCode === noCode) return 'KeyVaultRefused';
  if (status === 403) return forbiddenReasons[innerCode] ?? 'KeyVaultForbidden';
  if (status === 409) return 'KeyVaultConflict';
  return innerCode === 'SecretNotFound' ? notFoundReason(ref) : 'KeyVaultRefused';
}

/** A single version cannot be deleted: it is wrong, or gone with the whole secret. */
function notFoundReason({ version }: KeyVaultSecretRef): AnsweredReason {
  return version === undefined ? 'KeyVaultSecretNotFound' : 'KeyVaultVersionNotFound';
}
