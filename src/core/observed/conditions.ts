import type { Condition } from '../../api/condition.ts';
import { interned } from '../../interned.ts';
import { rfc3339 } from '../rfc3339.ts';

export type ConditionState = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** What the conditions stood at, and of which generation they speak now. */
export interface ConditionBase {
  readonly former: readonly Condition[] | undefined;
  readonly generation: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Guarantees: `lastTransitionTime` moves only when `status` does. */
export function conditionsFrom(
  { former = [], generation, now }: ConditionBase,
  states: readonly ConditionState[],
): Condition[] {
  const byType = new Map(former.map((condition) => [condition.type, condition]));
  return states.map((state) => {
    const before = byType.get(state.type);
    const isSame = before?.status === state.status;
    const lastTransitionTime = isSame ? before.lastTransitionTime : rfc3339(Math.floor(now / 1000));
    // Most of a fleet says the same.
    const message = interned(state.message);
    return { ...state, message, lastTransitionTime, observedGeneration: generation };
  });
}

/** An object whose status has conditions. */
export interface HasConditions {
  readonly generation: number;
  readonly status: { readonly conditions?: readonly Condition[] | undefined };
}

/** The condition Ready has this reason, for the spec of this generation. */
export function hasReadyReason({ generation, status }: HasConditions, reason: string): boolean {
  const ready = conditionOf(status, 'Ready');
  return ready?.reason === reason && ready.observedGeneration === generation;
}

export function conditionOf(
  { conditions }: { readonly conditions?: readonly Condition[] | undefined },
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
