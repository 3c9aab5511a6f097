import { delay } from '../delay.ts';
import { contestCooldownMs, countedRepair, isRepair } from '../diagnose/contest.ts';
import { failureEvents } from '../status/plannedEvent.ts';
import { failedStatus } from '../status/status.ts';
import type { Plan, PlanInput } from './planned.ts';

/** Counts repairs. While another client undoes them the status keeps saying so; otherwise each repair would change it. */
export function countRepairs({ observed, diagnosis, reason }: PlanInput, plan: Plan): Plan {
  const { vaultSecret, now } = observed;
  if (plan.error !== undefined || vaultSecret.spec.suspend === true) return plan;
  const counted: Plan = {
    ...plan,
    memory: { ...plan.memory, repairs: diagnosis.repairs },
    ...(isRepair(reason) ? { repairs: countedRepair(observed, diagnosis) } : {}),
  };
  const { contest } = diagnosis;
  if (contest === undefined) return counted;
  const contested = failedStatus(observed, diagnosis, contest.error);
  const { conditions } = contested;
  const endsAt = (counted.repairs ?? contest.repairs).lastAt + contestCooldownMs;
  return {
    ...counted,
    status: { ...plan.status, ...(conditions === undefined ? {} : { conditions }) },
    events: [...plan.events, ...failureEvents(vaultSecret, contest.error, contested)],
    requeueAfterMs: delay(Math.min(plan.requeueAfterMs ?? Infinity, endsAt - now)),
  };
}
