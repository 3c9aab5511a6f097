import type { clientCredentialErrors } from '../core/errors/credentialErrors.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import type { ServicePrincipalIdentity } from '../core/observed/servicePrincipal.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { entraError, type EntraExchange } from './entraErrors.ts';

export interface Presented {
  readonly identity: ServicePrincipalIdentity;
  /** What the token was to be for. */
  readonly scope: string;
  /** Milliseconds since the Unix epoch; of a certificate. */
  readonly certificateExpiresAt: number | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

type CredentialReason = keyof typeof clientCredentialErrors;

/**
 * https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes has 7000215, 7000222 and 700027;
 * 1000502, 7000274 (outside its validity), 7000214 and 7000277 (revoked) stand in the constants of
 * AzureAD/microsoft-identity-web; 7000232 as quoted in public issues.
 */
const reasons: Readonly<Record<number, CredentialReason>> = {
  7000215: 'ClientSecretWrong',
  7000222: 'ClientSecretExpired',
  700027: 'ClientCertificateUnknown',
  1000502: 'ClientCertificateExpired',
  7000274: 'ClientCertificateExpired',
  7000214: 'ClientCertificateRevoked',
  7000277: 'ClientCertificateRevoked',
  7000232: 'CredentialOfManagedIdentity',
};

/** The failure of a token request, from parsed fields and from what we know of the credential. */
export function servicePrincipalError(
  exchange: EntraExchange,
  presented: Presented,
): ReconcileError {
  const { identity } = presented;
  const { status = 0, aadsts } = exchange;
  const reason = status < 429 && aadsts !== undefined ? reasons[aadsts] : undefined;
  if (reason === undefined || aadsts === undefined) return generalError(exchange, presented);
  const { namespace, clientId, credential, connection } = identity;
  const { secretName: secret, key = 'tls.crt' } = credential;
  return new ReconcileError(expiredOr(reason, presented), {
    details: {
      namespace,
      clientId,
      connection,
      secret,
      key,
      aadsts: `AADSTS${aadsts}`,
      expiresOn: expiresOn(presented),
    },
  });
}

/** Microsoft Entra ID has one code for a certificate that it does not know and for one that has expired. */
function expiredOr(
  reason: CredentialReason,
  { certificateExpiresAt = Infinity, now }: Presented,
): CredentialReason {
  const isExpired = reason === 'ClientCertificateUnknown' && certificateExpiresAt <= now;
  return isExpired ? 'ClientCertificateExpired' : reason;
}

function expiresOn({ certificateExpiresAt }: Presented): string {
  return certificateExpiresAt === undefined
    ? 'an unknown day'
    : rfc3339(Math.floor(certificateExpiresAt / 1000));
}

function generalError(exchange: EntraExchange, { identity, scope }: Presented): ReconcileError {
  const { namespace, connection, clientId, tenantId } = identity;
  const edit = `kubectl edit vaultconnection ${connection} --namespace ${namespace}`;
  return entraError(exchange, {
    namespace,
    serviceAccount: '',
    clientId,
    tenantId,
    issuer: '',
    subject: '',
    authorityHost: identity.cloud.authorityHost,
    scope,
    tenantCommand: `Correct spec.servicePrincipal.tenantId: ${edit}`,
    clientCommand: `Correct spec.servicePrincipal.clientId: ${edit}`,
  });
}
