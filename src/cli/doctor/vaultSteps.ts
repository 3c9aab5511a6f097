import type { Access } from '../../core/access/access.ts';
import { ReconcileError } from '../../core/errors/errors.ts';
import { rfc3339 } from '../../core/rfc3339.ts';
import { vaultHostOf } from '../../core/source/keyVaultSecret.ts';
import { tokenClaims } from '../../identity/tokenClaims.ts';
import { otherTenantError, readDetails } from '../../keyvault/errors.ts';
import type { VaultProbe } from '../../keyvault/probe.ts';
import type { AccessToken, ReadRequest } from '../../ports/azure.ts';
import { placeOf, type Connected } from './clusterSteps.ts';
import type { DoctorTools } from './tools.ts';
import type { Reached } from './walk.ts';

export interface ReachedVault {
  readonly probe: VaultProbe;
  /** Milliseconds since the Unix epoch, by our clock: the answer came. */
  readonly answeredAt: number;
}

export async function reachVault(
  { probe, hostNames, clock }: DoctorTools,
  connected: Connected,
): Promise<Reached<ReachedVault>> {
  const host = vaultHostOf(connected.vaultUrl);
  const answer = await probe(placeOf(connected));
  const value = { probe: answer, answeredAt: clock.now() };
  const addresses = await hostNames.addresses(host);
  const at = addresses.length === 0 ? '' : ` at ${addresses.join(', ')}`;
  return { value, detail: `${host}${at} answers, with a certificate that is trusted` };
}

/** Behind a private endpoint a vault is an alias: https://learn.microsoft.com/en-us/azure/private-link/private-endpoint-dns */
export async function hasPrivateEndpoint(
  { hostNames }: DoctorTools,
  vaultUrl: string,
): Promise<boolean> {
  const aliases = await hostNames.aliases(vaultHostOf(vaultUrl));
  return aliases.some((alias) => alias.includes('.privatelink.'));
}

/** The vault says whose it is before it is shown a token. */
export async function checkTenant(
  request: ReadRequest,
  { probe: { status, tenantId } }: ReachedVault,
): Promise<Reached<string>> {
  const details = readDetails(request);
  if (status === 429) throw new ReconcileError('KeyVaultThrottled', { details });
  if (status >= 500)
    throw new ReconcileError('KeyVaultFailed', { details: { ...details, status } });
  if (tenantId === undefined) throw new ReconcileError('VaultNotTrusted', { details });
  if (tenantId !== request.identity.tenantId) throw otherTenantError(request);
  return { value: tenantId, detail: tenantId };
}

export async function exchangeToken(
  { tokens }: DoctorTools,
  { identity }: Access,
): Promise<Reached<AccessToken>> {
  const token = await tokens.acquire({ identity, scope: identity.cloud.scope });
  return { value: token, detail: `Microsoft Entra ID takes the token of the ServiceAccount` };
}

/** For whom it speaks and until when; never the token itself. */
export async function lookAtToken({ token, expiresAt }: AccessToken): Promise<Reached<string>> {
  const { oid = 'unknown', aud = 'unknown' } = tokenClaims(token);
  const until = rfc3339(Math.floor(expiresAt / 1000));
  return { value: oid, detail: `object id ${oid}, audience ${String(aud)}, until ${until}` };
}
