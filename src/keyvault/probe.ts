import { createPipelineRequest, RestError, type HttpClient } from '@azure/core-rest-pipeline';
import { cloudOf, type VaultInCloud } from '../api/cloud.ts';
import { vaultHostOf, vaultNameOf } from '../core/source/keyVaultSecret.ts';
import { namesAuthority, scopeIn } from './challenge.ts';
import { vaultUnreachableError } from './errors.ts';

/** What a vault says to somebody without a token, which is the same for everybody. */
export interface VaultProbe {
  readonly status: number;
  /** Of the vault, by its challenge; undefined when that is not the one of a Key Vault. */
  readonly tenantId?: string;
  /** Milliseconds since the Unix epoch, whole seconds: the clock of the service. */
  readonly date?: number;
}

/** @throws ReconcileError when no answer came */
export async function probeVault(httpClient: HttpClient, place: VaultInCloud): Promise<VaultProbe> {
  const { vaultUrl } = place;
  const vaultHost = vaultHostOf(vaultUrl);
  const url = `https://${vaultHost}/secrets?api-version=7.4`;
  try {
    const { status, headers } = await httpClient.sendRequest(
      createPipelineRequest({ url, method: 'GET' }),
    );
    const tenantId = tenantIn(headers.get('www-authenticate') ?? '', place);
    const date = Date.parse(headers.get('date') ?? '');
    return {
      status,
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(Number.isNaN(date) ? {} : { date }),
    };
  } catch (thrown) {
    const cause = thrown instanceof RestError ? thrown.message : 'no answer';
    throw vaultUnreachableError({ vaultHost, vaultName: vaultNameOf(vaultUrl) }, cause);
  }
}

const tenantAuthority =
  /\bauthorization="https:\/\/[^/"]+\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/i;

/** `Bearer authorization="https://login.microsoftonline.com/<tenant>", resource="https://vault.azure.net"` in all recordings. */
function tenantIn(challenge: string, place: VaultInCloud): string | undefined {
  const cloud = cloudOf(place);
  if (cloud === undefined || scopeIn(challenge) !== cloud.scope) return undefined;
  if (!namesAuthority(challenge, cloud.authorityNames)) return undefined;
  return tenantAuthority.exec(challenge)?.[1]?.toLowerCase();
}
