import { RestError } from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { ReconcileError } from '../core/errors.ts';
import { refKey, vaultHostOf, vaultNameOf } from '../core/keyVaultSecret.ts';
import type { ReadRequest } from '../ports/azure.ts';

/** https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes */
const bodySchema = z.object({
  error: z.object({
    code: z.string().default(''),
    innererror: z.object({ code: z.string().default('') }).optional(),
  }),
});

/** What the @azure/keyvault-secrets client threw, in words of the catalogue and from parsed fields only. */
export function keyVaultError(thrown: unknown, request: ReadRequest): ReconcileError {
  const details = readDetails(request);
  const known = findReconcileError(thrown);
  if (known !== undefined) return known;
  if (thrown instanceof RestError) {
    return thrown.statusCode === undefined
      ? unanswered(thrown, details)
      : answered(thrown, thrown.statusCode, details);
  }
  const isChallenge = thrown instanceof Error && thrown.message.includes('challenge');
  return new ReconcileError(isChallenge ? 'VaultNotTrusted' : 'InternalError', {
    details: { ...details, cause: thrown instanceof Error ? thrown.name : typeof thrown },
    cause: thrown,
  });
}

export type ReadDetails = ReturnType<typeof readDetails>;

/** Names of what was read and as whom, for every explanation. */
export function readDetails({ vaultUrl, identity, ref }: ReadRequest) {
  return {
    vaultHost: vaultHostOf(vaultUrl),
    vaultName: vaultNameOf(vaultUrl),
    object: refKey(ref),
    objectName: ref.name,
    namespace: identity.namespace,
    serviceAccount: identity.serviceAccountName,
    clientId: identity.clientId,
    tenantId: identity.tenantId,
  };
}

/** The token source's own failure comes through the client's pipeline. */
function findReconcileError(thrown: unknown): ReconcileError | undefined {
  if (thrown instanceof ReconcileError) return thrown;
  return thrown instanceof Error && thrown.cause !== undefined
    ? findReconcileError(thrown.cause)
    : undefined;
}

function unanswered(thrown: RestError, details: ReadDetails): ReconcileError {
  return new ReconcileError('KeyVaultUnreachable', {
    details: { ...details, cause: thrown.code ?? 'no answer' },
    cause: thrown,
  });
}

function answered(thrown: RestError, status: number, details: ReadDetails): ReconcileError {
  const innerCode = innerCodeOf(thrown);
  const options = { details: { ...details, status, innerCode }, cause: thrown };
  if (status === 404) return new ReconcileError('KeyVaultSecretNotFound', options);
  if (status === 403)
    return new ReconcileError(
      innerCode === 'SecretDisabled' ? 'KeyVaultSecretDisabled' : 'KeyVaultForbidden',
      options,
    );
  if (status === 429)
    return new ReconcileError('KeyVaultThrottled', {
      ...options,
      retryAfterMs: retryAfterMs(thrown),
    });
  return new ReconcileError(status >= 500 ? 'KeyVaultFailed' : 'KeyVaultRefused', options);
}

function innerCodeOf({ response }: RestError): string {
  try {
    const { error } = bodySchema.parse(JSON.parse(response?.bodyAsText ?? ''));
    return error.innererror?.code ?? error.code;
  } catch {
    return 'no code';
  }
}

/** Often missing: facts of the service, not of the standard. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs({ response }: RestError): number | undefined {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
