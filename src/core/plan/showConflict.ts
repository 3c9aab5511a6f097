import type { Condition } from '../../api/condition.ts';
import { conditionOf, conditionsFrom } from '../observed/conditions.ts';
import type { Observed } from '../observed/observed.ts';
import { longestNote, type PlannedEvent } from '../status/plannedEvent.ts';
import { heldBack, type HeldBack } from '../secret/rivals.ts';
import { someNames } from '../someNames.ts';
import { targetName } from '../observed/target.ts';
import type { Plan, PlanInput } from './planned.ts';

const conflictType = 'Conflict';
const reason = 'SharedTarget';

/** The VaultSecret that writes shows which others want its Secret. The others show it as their failure. */
export function showConflict(input: PlanInput, plan: Plan): Plan {
  const { conditions } = plan.status;
  if (conditions === undefined) return plan;
  const others = conditions.filter(({ type }) => type !== conflictType);
  const conflict = conflictOf(input);
  if (conflict === undefined && others.length === conditions.length) return plan;
  const all = conflict === undefined ? others : [...others, conflict];
  const events = conflict === undefined ? [] : eventsOf(input.observed, conflict);
  return {
    ...plan,
    status: { ...plan.status, conditions: all },
    events: [...plan.events, ...events],
  };
}

function conflictOf({
  observed,
  diagnosis: { rival, keyConflict },
}: PlanInput): Condition | undefined {
  const { vaultSecret, now } = observed;
  const rivals = heldBack(observed);
  if (rivals.length === 0 || rival !== undefined || keyConflict !== undefined) return undefined;
  const names = someNames(rivals.map(shownName));
  const message = `Secret ${targetName(vaultSecret)} is also the target of VaultSecret ${names}. This one writes it. Give each another spec.target.name${wayOut(rivals)}.`;
  const { status, generation } = vaultSecret;
  const state = { type: conflictType, status: 'True', reason, message } as const;
  return conditionsFrom({ former: status.conditions, generation, now }, [state])[0];
}

function shownName({ name, dataKeys }: HeldBack): string {
  return dataKeys.length === 0 ? name : `${name} (${someNames(dataKeys)})`;
}

function wayOut(rivals: readonly HeldBack[]): string {
  return rivals.some(({ dataKeys }) => dataKeys.length > 0) ? ' or other data keys' : '';
}

function eventsOf({ vaultSecret }: Observed, { message }: Condition): readonly PlannedEvent[] {
  const isNew = conditionOf(vaultSecret.status, conflictType)?.message !== message;
  return isNew
    ? [{ type: 'Warning', reason, action: 'Sync', note: message.slice(0, longestNote) }]
    : [];
}
