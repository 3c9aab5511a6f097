import { rfc3339 } from '../core/rfc3339.ts';
import { tokenScopeOf, type SourceValue } from '../core/vaultObject/sourceRef.ts';
import type { ObtainedToken, TokenReader, TokenSource } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';
import type { RegistryLogin } from './containerRegistry.ts';

/** A Secret takes up to two minutes to reach a mounted file, and Entra may be away: a third of the life is left for both. */
const renewShare = 2 / 3;
/** However short it lives: a token that is renewed at once would be renewed for ever. */
const shortestMs = 60_000;

export interface TokenReaderDeps {
  readonly tokens: TokenSource;
  readonly registryLogin: RegistryLogin;
  readonly clock: Clock;
}

/** Guarantees: what it gives is renewed before it is given again, once two thirds of its life have passed. */
export function createTokenReader({ tokens, registryLogin, clock }: TokenReaderDeps): TokenReader {
  const accepts = (token: ObtainedToken): boolean => clock.now() < renewAt(token);
  return {
    async obtain({ identity, ref }) {
      if ('server' in ref)
        return valueOf(await registryLogin({ identity, server: ref.server, accepts }));
      return valueOf(await tokens.acquire({ identity, scope: tokenScopeOf(ref), accepts }));
    },
  };
}

function valueOf(token: ObtainedToken): SourceValue {
  const expiresOn = Math.floor(token.expiresAt / 1_000);
  return {
    version: rfc3339(expiresOn),
    value: token.token,
    expiresOn,
    supersededAt: Math.floor(renewAt(token) / 1_000),
  };
}

/** Milliseconds since the Unix epoch. */
function renewAt({ obtainedAt, expiresAt }: ObtainedToken): number {
  return obtainedAt + Math.max((expiresAt - obtainedAt) * renewShare, shortestMs);
}
