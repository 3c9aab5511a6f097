import { namespacedName } from '../core/namespacedName.ts';
import { explain, ReconcileError, toReconcileError } from '../core/errors/errors.ts';
import type { Observed, VaultSecret } from '../core/observed/observed.ts';
import { diagnose } from '../core/diagnose/diagnose.ts';
import type { Diagnosis } from '../core/diagnose/diagnosis.ts';
import { failed, plan as decide } from '../core/plan/plan.ts';
import type { Plan } from '../core/plan/planned.ts';
import { isLentIdentity } from '../core/observed/identity.ts';
import { select, type ReadReason, type Selection } from '../core/select/select.ts';
import { isSuperseded } from '../core/observed/superseded.ts';
import { targetName } from '../core/observed/target.ts';
import type { Reconcile, ReconcileContext, ReconcileResult } from '../ports/controller.ts';
import type { CertificateExpiries } from '../ports/credentials.ts';
import type { Log } from '../ports/system.ts';
import { apply, applyStatus, publish, type ApplyDeps } from './apply.ts';
import { fetchSelected, type FetchDeps } from './fetch.ts';
import type { LentReads } from './lentReads.ts';
import { observe, type ObserveDeps } from './observe.ts';
import { StaleFenceError } from './writeErrors.ts';

export type VaultSecretReconcilerDeps = ObserveDeps &
  ApplyDeps &
  FetchDeps & {
    readonly lentReads: Pick<LentReads, 'report' | 'forget'>;
    readonly certificateExpiries: Pick<CertificateExpiries, 'of'>;
  };

/** Keys are `namespace/name`. */
export function createVaultSecretReconciler(deps: VaultSecretReconcilerDeps): Reconcile {
  return async (requestKey, context) => {
    let waits = false;
    try {
      const result = await reconcile(deps, requestKey, context);
      waits = result === undefined;
      return result ?? { isUnfinished: true };
    } finally {
      if (!waits) deps.lanes.leave(requestKey);
    }
  };
}

/** The straight line: observe → diagnose → select → fetch → plan → apply. Undefined: the key waits in the lane of its vault. */
async function reconcile(
  deps: VaultSecretReconcilerDeps,
  requestKey: string,
  context: ReconcileContext,
): Promise<ReconcileResult | undefined> {
  const { log } = context;
  const [namespace = '', name = ''] = requestKey.split('/');
  const observed = await observe(deps, { namespace, name });
  if (observed === undefined) {
    deps.memories.forget(requestKey);
    deps.lentReads.forget(requestKey);
    return {};
  }
  const diagnosis = diagnose(observed);
  const selection = select(observed, diagnosis);
  const { reason, refs } = selection;
  const fetched = await fetchSelected(deps, { ...observed, record: diagnosis.record }, selection, {
    ...context,
    requestKey,
  });
  if (fetched === undefined) return undefined;
  if (reason !== undefined) log.debug('sources read', { reason, sources: refs.length });
  // The change has queued the key: the next reconcile decides.
  if (isSuperseded(observed.vaultSecret, deps.cache.vaultSecret({ namespace, name }))) return {};
  const plan = decide(withExpiry(deps, observed), diagnosis, selection, fetched);
  reportLentRead(deps, observed.vaultSecret, { selection, plan, log });
  const isChanged = await apply(deps, observed, plan).catch(async (thrown: unknown) => {
    throw await settle(deps, { observed, diagnosis, log }, thrown);
  });
  return conclude(deps, observed, { selection, plan, isChanged, log });
}

/** The token that a certificate was looked at for may have been got by this very reconcile. */
function withExpiry(
  { certificateExpiries }: VaultSecretReconcilerDeps,
  observed: Observed,
): Observed {
  const { credential } = observed;
  if (credential === undefined) return observed;
  const certificateExpiresAt = certificateExpiries.of(credential);
  return { ...observed, credential: { ...credential, certificateExpiresAt } };
}

interface Done {
  readonly selection: Selection;
  readonly plan: Plan;
  /** The Secret is another now. */
  readonly isChanged: boolean;
  readonly log: Log;
}

/** What is remembered, counted and logged of a plan that was applied. @throws ReconcileError that of the plan */
function conclude(
  { memories, metrics }: VaultSecretReconcilerDeps,
  { vaultSecret, now }: Observed,
  { selection: { reason }, plan, isChanged, log }: Done,
): ReconcileResult {
  const { secret, memory, repairs, error, requeueAfterMs } = plan;
  memories.keep(vaultSecret, isChanged && repairs !== undefined ? { ...memory, repairs } : memory);
  if (secret.kind !== 'keep' && (secret.kind !== 'confirm' || isChanged))
    reportWrite(secret.kind, reason, log);
  if (error !== undefined) throw traced(error, log);
  if (reason !== undefined) metrics.verified(now);
  return requeueAfterMs === undefined ? {} : { requeueAfterMs };
}

/** As with events: ten thousand lines about a first success help nobody. */
function reportWrite(action: string, reason: ReadReason | undefined, log: Log): void {
  const level = reason === 'firstSync' ? 'debug' : 'info';
  log[level]('secret written', { action, reason });
}

/** What the user of a lent identity may not know is said to the administrator, here and on the connection. */
function reportLentRead(
  { lentReads }: VaultSecretReconcilerDeps,
  vaultSecret: VaultSecret,
  { selection: { access, refs }, plan: { error }, log }: Omit<Done, 'isChanged'>,
): void {
  const borrower = namespacedName(vaultSecret);
  const identity = access.ok ? access.value.identity : undefined;
  const isIdle = vaultSecret.terminating || vaultSecret.spec.suspend === true;
  if (isIdle || identity === undefined || !isLentIdentity(identity))
    return lentReads.forget(borrower);
  if (refs.length === 0) return;
  const original = error?.cause instanceof ReconcileError ? error.cause : undefined;
  lentReads.report(borrower, identity, original);
  if (original === undefined) return;
  const { connection } = identity;
  log.warn('reading with a lent identity failed', { connection, explanation: explain(original) });
}

interface Unapplied {
  readonly observed: Observed;
  readonly diagnosis: Diagnosis;
  readonly log: Log;
}

/** A write that failed is explained like any other failure. A stale fence is only looked at again. */
async function settle(
  deps: VaultSecretReconcilerDeps,
  { observed, diagnosis, log }: Unapplied,
  thrown: unknown,
): Promise<unknown> {
  const { vaultSecret, memory } = observed;
  if (thrown instanceof StaleFenceError) {
    const { namespace } = vaultSecret;
    const current = await deps.secrets.get({ namespace, name: targetName(vaultSecret) });
    if (current?.body.managed === true) deps.cache.rememberSecret(current);
    deps.memories.keep(vaultSecret, { ...memory, lookLive: true });
    return thrown;
  }
  const failure = failed(observed, diagnosis, toReconcileError(thrown));
  deps.memories.keep(vaultSecret, failure.memory);
  if (failure.error.reason !== 'ApiServerUnavailable') {
    await applyStatus(deps, vaultSecret, failure.status);
    publish(deps, vaultSecret, failure.events);
  }
  return traced(failure.error, log);
}

/** Where an unknown failure came from; its text may hold anything and is left out. */
function traced(error: ReconcileError, log: Log): ReconcileError {
  if (error.reason === 'InternalError') {
    const stack = error.cause instanceof Error ? (error.cause.stack ?? '') : '';
    const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
    log.error('unexpected failure', { at: frames.map((frame) => frame.trim()).join('; ') });
  }
  return error;
}
