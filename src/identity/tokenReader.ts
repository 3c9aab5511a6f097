import { rfc3339 } from '../core/rfc3339.ts';
import { sourceKey, type SourceValue } from '../core/source/sourceRef.ts';
import { tokenScope } from '../core/source/tokenScope.ts';
import { ReconcileError } from '../core/errors/errors.ts';
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
  // A token that says it was obtained in the future dates from before the clock was set back: its life is not known.
  const accepts = (token: ObtainedToken): boolean =>
    token.obtainedAt <= clock.now() && clock.now() < renewAt(token);
  return {
    async obtain({ identity, ref }) {
      const { cloud } = identity;
      const scope = tokenScope(ref, cloud);
      if (scope === undefined)
        throw new ReconcileError('TokenResourceUnknown', {
          details: { source: sourceKey(ref), cloud: cloud.name },
        });
      const demand = { identity, scope, accepts };
      return valueOf(
        'server' in ref
          ? await registryLogin({ ...demand, server: ref.server })
          : await tokens.acquire(demand),
      );
    },
  };
}

function valueOf(token: ObtainedToken): SourceValue {
  const expiresOn = Math.floor(token.expiresAt / 1_000);
  return {
    version: rfc3339(expiresOn),
    value: token.token,
    expiresOn,
    // Not a moment before `accepts` says no: a look in between would get the same token.
    supersededAt: Math.ceil(renewAt(token) / 1_000),
  };
}

/** Milliseconds since the Unix epoch. */
function renewAt({ obtainedAt, expiresAt }: ObtainedToken): number {
  return obtainedAt + Math.max((expiresAt - obtainedAt) * renewShare, shortestMs);
}
