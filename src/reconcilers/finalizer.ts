import { mergeFinalizer } from '../api/meta.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import type { FinalizerChange } from '../core/secret/mergeFinalizer.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import { admissionError, rightDetails } from '../core/errors/refusedBy.ts';
import type { ClusterCache } from '../ports/cache.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { VaultSecretClient } from '../ports/secrets.ts';
import { StaleFenceError } from './writeErrors.ts';

export interface FinalizerDeps {
  readonly vaultSecrets: VaultSecretClient;
  readonly cache: Pick<ClusterCache, 'rememberVaultSecret' | 'forgetVaultSecret'>;
}

/** The VaultSecret as it stands then. @throws ReconcileError, StaleFenceError */
export async function writeFinalizer(
  { vaultSecrets, cache }: FinalizerDeps,
  vaultSecret: VaultSecret,
  change: FinalizerChange,
): Promise<VaultSecret> {
  const others = vaultSecret.finalizers.filter((name) => name !== mergeFinalizer);
  const finalizers = change === 'add' ? [...others, mergeFinalizer] : others;
  try {
    const stored = await vaultSecrets.replaceFinalizers(vaultSecret, finalizers);
    // With its last finalizer it goes, and the answer has the resourceVersion from before: seen on kube-apiserver 1.36.3.
    if (vaultSecret.terminating && finalizers.length === 0) cache.forgetVaultSecret(vaultSecret);
    else if (stored !== undefined) cache.rememberVaultSecret(stored);
    return { ...vaultSecret, finalizers };
  } catch (thrown) {
    if (isGone(thrown) && change === 'remove') return vaultSecret;
    throw finalizerError(thrown, vaultSecret);
  }
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof KubeApiError && thrown.status === 404;
}

/** Gone, going, made anew or changed by others meanwhile: then it is looked at again. */
function finalizerError(thrown: unknown, { namespace, name }: VaultSecret): unknown {
  if (!(thrown instanceof KubeApiError)) return thrown;
  const { status, refusedBy, retryAfterMs } = thrown;
  const options = { retryAfterMs, cause: thrown };
  const attempt = { namespace, what: `the finalizer of VaultSecret ${name}` };
  const refused = admissionError(thrown, attempt, thrown);
  if (refused !== undefined) return refused;
  if ([404, 409, 422].includes(status))
    return new StaleFenceError('the VaultSecret changed while its finalizer was written', options);
  if (status !== 403)
    return new ReconcileError('ApiServerUnavailable', { ...options, details: { status } });
  const details = { namespace, ...rightDetails(refusedBy, 'patch') };
  return new ReconcileError('FinalizerForbidden', { ...options, details });
}
