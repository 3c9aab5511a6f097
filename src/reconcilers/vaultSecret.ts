import { ReconcileError, toReconcileError } from '../core/errors.ts';
import type { Observed } from '../core/observed.ts';
import { failed, plan as decide } from '../core/plan.ts';
import { select } from '../core/select.ts';
import type { SecretReader } from '../ports/azure.ts';
import type { Log } from '../ports/system.ts';
import { apply, applyStatus, noteOf, type ApplyDeps } from './apply.ts';
import { fetchSelected } from './fetch.ts';
import { observe, type ObserveDeps } from './observe.ts';
import { StaleFenceError } from './writeErrors.ts';

export interface VaultSecretReconcilerDeps extends ObserveDeps, ApplyDeps {
  readonly reader: SecretReader;
}

export interface ReconcileContext {
  readonly log: Log;
}

/** Milliseconds until the next look; without it, only a change brings the next one. */
export interface ReconcileResult {
  readonly requeueAfterMs?: number;
}

/** The straight line: observe → select → fetch → plan → apply. Keys are `namespace/name`. */
export function createVaultSecretReconciler(deps: VaultSecretReconcilerDeps) {
  return async (requestKey: string, { log }: ReconcileContext): Promise<ReconcileResult> => {
    const [namespace = '', name = ''] = requestKey.split('/');
    const observed = await observe(deps, { namespace, name });
    if (observed === undefined) {
      deps.memories.forget(requestKey);
      return {};
    }
    const selection = select(observed);
    if (selection.reason !== undefined)
      log.debug('reading key vault', { reason: selection.reason, objects: selection.refs.length });
    const fetched = await fetchSelected(deps.reader, observed.vaultSecret, selection);
    const plan = decide(observed, selection, fetched);
    try {
      const lastWrite = await apply(deps, observed, plan);
      deps.memories.keep(observed.vaultSecret, plan.memory, lastWrite);
    } catch (thrown) {
      await applyFailure(deps, observed, thrown);
      throw thrown;
    }
    if (plan.secret.kind !== 'keep')
      log.info('secret written', { action: plan.secret.kind, reason: selection.reason });
    if (plan.events.some(({ reason }) => reason === 'DriftRepaired')) deps.metrics.driftRepaired();
    if (plan.error !== undefined) throw plan.error;
    return plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs };
  };
}

/** A write that failed is explained like any other failure. A stale fence is only looked at again. */
async function applyFailure(
  deps: VaultSecretReconcilerDeps,
  observed: Observed,
  thrown: unknown,
): Promise<void> {
  const { vaultSecret, memory } = observed;
  if (thrown instanceof StaleFenceError) {
    const { namespace } = vaultSecret;
    const current = await deps.secrets.get({
      namespace,
      name: vaultSecret.spec.target?.name ?? vaultSecret.name,
    });
    if (current?.body.managed === true) deps.cache.rememberSecret(current);
    deps.memories.keep(vaultSecret, { ...memory, failed: true, lookLive: true });
    return;
  }
  const failure = failed(observed, toReconcileError(thrown));
  deps.memories.keep(vaultSecret, failure.memory);
  if (thrown instanceof ReconcileError && thrown.reason === 'ApiServerUnavailable') return;
  await applyStatus(deps, vaultSecret, failure.status);
  for (const event of failure.events) deps.publish(noteOf(vaultSecret, event));
}
