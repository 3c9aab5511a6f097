import type { VaultSecretStatus } from '../../api/vaultSecret.ts';
import type { Delay } from '../delay.ts';
import type { Diagnosis } from '../diagnose/diagnosis.ts';
import type { ReconcileError } from '../errors/errors.ts';
import type { Observed, Repairs, SyncMemory } from '../observed/observed.ts';
import type { FinalizerChange } from '../secret/mergeFinalizer.ts';
import type { FormerTarget, SecretAction } from '../secret/secretAction.ts';
import type { ReadReason } from '../select/select.ts';
import type { PlannedEvent } from '../status/plannedEvent.ts';

/** Everything that will be done, as data: the CLI prints the very value that is applied. */
export interface Plan {
  readonly secret: SecretAction;
  readonly formerTargets: readonly FormerTarget[];
  readonly finalizer?: FinalizerChange;
  readonly status: VaultSecretStatus;
  readonly events: readonly PlannedEvent[];
  /** What to remember once it is applied. */
  readonly memory: SyncMemory;
  /** The same, if the write changes the Secret, which only the API server can tell. */
  readonly repairs?: Repairs;
  readonly requeueAfterMs?: Delay;
  /** Why the Secret could not be brought in sync; the last good one stays. */
  readonly error?: ReconcileError;
}

export interface FailedPlan extends Plan {
  readonly error: ReconcileError;
}

/** What a plan rests on, besides what was read. */
export interface PlanInput {
  readonly observed: Observed;
  readonly diagnosis: Diagnosis;
  /** Why the sources were read; undefined when nothing had to be read. */
  readonly reason?: ReadReason | undefined;
}

/** A part of the plan that does not depend on how the Secret was decided. */
export type Addition = (input: PlanInput, plan: Plan) => Plan;
