import { identityKey } from '../core/identity.ts';
import { refKey, vaultHostOf, type KeyVaultSecret } from '../core/keyVaultSecret.ts';
import type { SecretReader } from '../ports/azure.ts';

/** Equal reads that are in flight together become one; never across identities. */
export function withSingleFlight(reader: SecretReader): SecretReader {
  const flights = new Map<string, Promise<KeyVaultSecret>>();
  return {
    read(request) {
      const key = [
        vaultHostOf(request.vaultUrl),
        identityKey(request.identity),
        refKey(request.ref),
      ].join('|');
      const running = flights.get(key);
      if (running !== undefined) return running;
      const flight = reader.read(request).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
