import type { ErrorReason } from '../../../src/core/errorCatalogue.ts';
import { ReconcileError, type DetailsOf } from '../../../src/core/errors.ts';

/** A value for every placeholder of the catalogue: the compiler names the one that is missing here. */
const details: DetailsOf<ErrorReason> = {
  aadsts: 'AADSTS700213',
  aadstsNumber: 700213,
  annotation: 'azure.workload.identity/client-id',
  authorityHost: 'https://login.microsoftonline.com',
  cause: 'ENOTFOUND',
  clientAddress: '20.50.1.2',
  clientId: '11111111-1111-1111-1111-111111111111',
  connection: 'platform',
  consequence: 'Secret shop keeps the last value',
  credential: 'shop-shop',
  dataKey: 'DB_PASSWORD',
  dataKeys: 'DB_PASSWORD, API_KEY',
  discoveryUrl: 'https://oidc.example/cluster/.well-known/openid-configuration',
  encoding: 'base64',
  expiresOn: '2026-11-25T11:00:00Z',
  field: 'spec.data.0.dataKey',
  host: 'shop-prod.vault.azure.net',
  innerCode: 'ForbiddenByRbac',
  issuer: 'https://oidc.example/cluster',
  kind: 'VaultConnection',
  limit: 1_048_576,
  name: 'policy.example.com',
  namespace: 'shop',
  notBefore: '2026-11-25T13:00:00Z',
  object: 'db-password',
  objectName: 'db-password',
  originalCode: 'VS303',
  owner: 'shop',
  part: 'its data',
  problem: 'expired',
  purgeDate: '2027-02-23T12:00:00Z',
  refusal: 'VS403: The controller lacks the right to create it. Give it the right.',
  secret: 'shop',
  serviceAccount: 'shop',
  size: 2_000_000,
  status: 403,
  subject: 'system:serviceaccount:shop:shop',
  tenantCommand:
    'kubectl annotate --overwrite serviceaccount shop --namespace shop azure.workload.identity/tenant-id="$(az keyvault show --name shop-prod --query properties.tenantId --output tsv)"',
  tenantId: '22222222-2222-2222-2222-222222222222',
  type: 'kubernetes.io/tls',
  user: 'system:serviceaccount:vaultsecret-system:vaultsecret',
  vaultHost: 'shop-prod.vault.azure.net',
  vaultName: 'shop-prod',
  verb: 'patch',
  what: 'Secret shop',
};

/** A failure of any reason, with everything that its explanation needs. */
export function anError(reason: ErrorReason, retryAfterMs?: number): ReconcileError {
  return new ReconcileError(reason, { details, retryAfterMs });
}
