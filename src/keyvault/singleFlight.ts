import { identityKey } from '../core/observed/identity.ts';
import { refKey, vaultHostOf, type KeyVaultSecret } from '../core/source/keyVaultSecret.ts';
import type { ReadRequest } from '../ports/azure.ts';
import type { Clock } from '../ports/system.ts';
import type { PagedSecretReader } from './client.ts';
import { unreachableError } from './errors.ts';

/** A read that has lasted so long holds no more of the workers that wait for it. */
const patienceMs = 2_000;

interface Flight {
  readonly secret: Promise<KeyVaultSecret>;
  readonly startedAt: number;
}

/**
 * Equal reads that are in flight together become one; never across identities. Must know only the time on the way,
 * not in a queue. Listings are rare and go each for itself.
 */
export function withSingleFlight(reader: PagedSecretReader, clock: Clock): PagedSecretReader {
  const flights = new Map<string, Flight>();
  return {
    read(request) {
      const key = keyOf(request);
      const running = flights.get(key);
      if (running !== undefined) return follow(running, request, clock);
      const secret = reader.read(request).finally(() => flights.delete(key));
      flights.set(key, { secret, startedAt: clock.now() });
      return secret;
    },
    versionPages: (request) => reader.versionPages(request),
    deletion: (request) => reader.deletion(request),
  };
}

function keyOf({ vaultUrl, identity, ref }: ReadRequest): string {
  return [vaultHostOf(vaultUrl), identityKey(identity), refKey(ref)].join('|');
}

async function follow(
  { secret, startedAt }: Flight,
  request: ReadRequest,
  clock: Clock,
): Promise<KeyVaultSecret> {
  const landed = new AbortController();
  const leftMs = Math.max(startedAt + patienceMs - clock.now(), 0);
  const late = clock.sleep(leftMs, landed.signal).then((): never => {
    throw unreachableError(request, 'NOT_ANSWERING');
  });
  try {
    return await Promise.race([secret, late]);
  } finally {
    landed.abort(new Error('The flight has landed'));
  }
}
