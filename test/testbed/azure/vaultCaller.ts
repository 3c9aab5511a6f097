import { accessErrors } from './accessErrors.ts';
import type { AccessTokenClaims, AccessTokens } from './accessTokens.ts';
import type { VaultError } from './vaultErrors.ts';
import type { Vault } from './vaultStore.ts';

export type CallerVerdict =
  | { kind: 'caller'; claims: AccessTokenClaims }
  | { kind: 'refused'; error: VaultError; countedAs: 'challenge401' | 'tokenRejected401' };

const keyVaultApplicationId = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';

/** Who calls, by a token that Entra ID issued for Key Vault in the vault's tenant. */
export function identifyCaller(
  tokens: AccessTokens,
  vault: Vault,
  authorization: string | undefined,
): CallerVerdict {
  const [scheme = '', token = ''] = (authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer') {
    const error = accessErrors.missingToken(vault);
    return { kind: 'refused', error, countedAs: 'challenge401' };
  }
  const judged = judgeToken(tokens, vault, token);
  if ('appid' in judged) return { kind: 'caller', claims: judged };
  return { kind: 'refused', error: judged, countedAs: 'tokenRejected401' };
}

function judgeToken(
  tokens: AccessTokens,
  vault: Vault,
  token: string,
): AccessTokenClaims | VaultError {
  const verdict = tokens.check(token);
  if (verdict.kind === 'unknownKey' || vault.faults.rejectTokens === true) {
    return accessErrors.unknownTokenKey(vault);
  }
  if (verdict.kind !== 'valid') return accessErrors.invalidToken(vault);
  const { claims } = verdict;
  if (claims.tid.toLowerCase() !== vault.settings.tenantId.toLowerCase()) {
    return accessErrors.wrongIssuer(vault, claims.iss);
  }
  const isForKeyVault = [vault.settings.cloud.vaultResource, keyVaultApplicationId].includes(
    claims.aud,
  );
  return isForKeyVault ? claims : accessErrors.wrongAudience(vault, claims.aud);
}
