import { z } from 'zod';
import type { entraErrors } from '../core/errors/entraErrors.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { networkReasonOf } from '../core/errors/networkReason.ts';

/** What Microsoft Entra ID answered last, or that it did not. */
export interface EntraExchange {
  /** HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** Number of the AADSTS code in the answer. */
  readonly aadsts?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Why no answer came: a short word. */
  readonly cause?: string;
}

/** Who asked for a token, with which assertion, and where. Namespace and ServiceAccount are those of the assertion. */
export interface EntraParties {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly authorityHost: string;
  /** How to name another tenant or client, as the beginning of a remedy. */
  readonly tenantCommand: string;
  readonly clientCommand: string;
  /** What the token was to be for. */
  readonly scope: string;
}

type RefusalReason = Exclude<
  keyof typeof entraErrors,
  'VaultInOtherTenant' | 'EntraUnavailable' | 'EntraThrottled'
>;

/**
 * https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes, and public issues where it is
 * silent: 7000112 and 7000272 as quoted there, 7002138 since August 2024 (Azure/login 515), 501661 (Azure/AKS 4029)
 * and 90061 (Azure/azure-workload-identity 605) with the text of 50166. 7000272 passes by itself: Microsoft Entra ID keeps
 * the keys of an issuer for a while, up to twenty minutes and more in the end-to-end tests of kubernetes-sigs/blob-csi-driver.
 */
const reasons: Readonly<Record<number, RefusalReason>> = {
  70021: 'FederatedCredentialNotFound',
  700211: 'FederatedIssuerNotFound',
  700212: 'FederatedAudienceMismatch',
  700213: 'FederatedCredentialNotFound',
  7002138: 'FederatedSubjectCaseMismatch',
  50166: 'IssuerUnreachable',
  501661: 'IssuerUnreachable',
  90061: 'IssuerUnreachable',
  700027: 'IssuerKeyMismatch',
  7000272: 'IssuerKeyUnknown',
  700024: 'AssertionOutOfTime',
  90002: 'TenantNotFound',
  900023: 'TenantNotFound',
  700011: 'ApplicationNotFound',
  700016: 'ApplicationNotFound',
  7000112: 'IdentityDisabled',
  53003: 'ConditionalAccessBlocked',
  530032: 'ConditionalAccessBlocked',
  500011: 'KeyVaultNotInTenant',
  500014: 'KeyVaultNotInTenant',
};

/** Codes with which Entra reports its own trouble. */
const transient: readonly number[] = [50033, 90006, 90012, 90024, 90033, 90090];
/** Loop detected, too many requests. */
const throttled: readonly number[] = [50196, 90055];

const bodySchema = z.object({ error_codes: z.array(z.number()).min(1) });

export function readAadsts(body: string | null | undefined): number | undefined {
  try {
    return bodySchema.parse(JSON.parse(body ?? '')).error_codes[0];
  } catch {
    return undefined;
  }
}

/** The failure of a token request, from parsed fields only: the thrown error holds the service's text. */
export function entraError(exchange: EntraExchange, parties: EntraParties): ReconcileError {
  const { status, aadsts, retryAfterMs, cause = 'no answer' } = exchange;
  if (status === undefined) return noAnswerError(cause, parties);
  const details = { ...parties, cause: `status ${status}` };
  // Whatever the code says, a 429 and a 5xx pass by themselves.
  if (status === 429) return new ReconcileError('EntraThrottled', { details, retryAfterMs });
  if (aadsts === undefined || status >= 500 || transient.includes(aadsts))
    return new ReconcileError('EntraUnavailable', { details, retryAfterMs });
  if (throttled.includes(aadsts))
    return new ReconcileError('EntraThrottled', { details, retryAfterMs });
  return new ReconcileError(refusalReason(aadsts, parties.scope), {
    details: {
      ...parties,
      aadsts: `AADSTS${aadsts}`,
      aadstsNumber: aadsts,
      // Azure takes letters, digits, hyphens and underscores; the name of a ServiceAccount may have dots.
      credential: `${parties.namespace}-${parties.serviceAccount}`.replaceAll('.', '-'),
      discoveryUrl: `${parties.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    },
  });
}

function refusalReason(aadsts: number, scope: string) {
  const reason = reasons[aadsts] ?? 'EntraRefused';
  const isOfVault = /^https:[/][/]vault[.]/.test(scope);
  return reason === 'KeyVaultNotInTenant' && !isOfVault ? 'ResourceNotInTenant' : reason;
}

/** Nothing came from Microsoft Entra ID. */
function noAnswerError(
  cause: string,
  where: Readonly<Record<'authorityHost', string>>,
): ReconcileError {
  const details = { ...where, host: new URL(where.authorityHost).hostname, cause };
  return new ReconcileError(networkReasonOf(cause) ?? 'EntraUnavailable', { details });
}
