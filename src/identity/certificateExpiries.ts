import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import type { CertificateExpiries } from '../ports/credentials.ts';

/** By uid, with the state of the Secret for which it holds. */
export function createCertificateExpiries(): CertificateExpiries {
  const known = new Map<string, ObservedCredential & { readonly at: number }>();
  return {
    learn({ uid, resourceVersion }, at) {
      known.set(uid, { uid, resourceVersion, at });
    },
    of({ uid, resourceVersion }) {
      const found = known.get(uid);
      return found?.resourceVersion === resourceVersion ? found.at : undefined;
    },
    forget: (uid) => void known.delete(uid),
  };
}
