import { ReconcileError } from '../core/errors.ts';

/** What Microsoft Entra ID answered last, or that it did not. */
export interface EntraExchange {
  /** HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** Number of the AADSTS code in the answer. */
  readonly aadsts?: number;
  /** Why no answer came: a short word. */
  readonly cause?: string;
}

/** Who asked for a token, with which assertion, and where. */
export interface EntraParties {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly authorityHost: string;
}

type RefusalReason =
  | 'FederatedCredentialNotFound'
  | 'TenantNotFound'
  | 'ApplicationNotFound'
  | 'EntraRefused';

/** https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes#aadsts-error-codes */
const reasons: Readonly<Record<number, RefusalReason>> = {
  70021: 'FederatedCredentialNotFound',
  700211: 'FederatedCredentialNotFound',
  700212: 'FederatedCredentialNotFound',
  700213: 'FederatedCredentialNotFound',
  90002: 'TenantNotFound',
  900023: 'TenantNotFound',
  700016: 'ApplicationNotFound',
};

const mismatches: Readonly<Record<number, string>> = {
  700211: 'issuer',
  700212: 'audience',
  700213: 'subject',
};

/** Codes with which Entra reports its own trouble: 90033 transient, 50196 loop detected, 90055 too many requests. */
const transient: readonly number[] = [90033, 50196, 90055];

export function readAadsts(body: string | null | undefined): number | undefined {
  const match = /AADSTS(\d{4,8})\b/.exec(body ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** The failure of a token request, from parsed fields only. */
export function entraError(
  exchange: EntraExchange | undefined,
  parties: EntraParties,
  cause: unknown,
): ReconcileError {
  const { status, aadsts } = exchange ?? {};
  if (aadsts !== undefined && !transient.includes(aadsts)) {
    const reason = reasons[aadsts] ?? 'EntraRefused';
    const mismatch = mismatches[aadsts] ?? 'issuer, subject or audience';
    return new ReconcileError(reason, {
      details: { ...parties, aadsts: `AADSTS${aadsts}`, aadstsNumber: aadsts, mismatch },
      cause,
    });
  }
  const why = status === undefined ? (exchange?.cause ?? 'no answer') : `status ${status}`;
  return new ReconcileError('EntraUnavailable', { details: { ...parties, cause: why }, cause });
}
