import { z } from 'zod';
import { ReconcileError } from '../core/errors.ts';

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
  if (aadsts === undefined || isTransient(exchange)) {
    const why = status === undefined ? cause : `status ${status}`;
    const details = { ...parties, cause: why };
    return new ReconcileError('EntraUnavailable', { details, retryAfterMs });
  }
  return new ReconcileError(reasons[aadsts] ?? 'EntraRefused', {
    details: {
      ...parties,
      aadsts: `AADSTS${aadsts}`,
      aadstsNumber: aadsts,
      mismatch: mismatches[aadsts] ?? 'issuer, subject or audience',
    },
  });
}

/** Whatever the code says, a 429 and a 5xx pass by themselves. */
function isTransient({ status = 0, aadsts = 0 }: EntraExchange): boolean {
  return status === 429 || status >= 500 || transient.includes(aadsts);
}
