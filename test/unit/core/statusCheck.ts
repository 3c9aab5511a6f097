import type { Condition } from '../../../src/api/condition.ts';
import { vaultSecretStatusSchema, type VaultSecretStatus } from '../../../src/api/vaultSecret.ts';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';

/**
 * What kstatus and kubectl demand of every status that is written.
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */
export function statusProblems(
  before: Pick<VaultSecret, 'generation' | 'status'>,
  after: VaultSecretStatus,
): readonly string[] {
  const conditions = new Map(after.conditions?.map((condition) => [condition.type, condition]));
  const ready = conditions.get('Ready');
  const others = [...conditions.values()].filter(({ type }) =>
    /^(Reconciling|Stalled)$/.test(type),
  );
  const rules: Readonly<Record<string, boolean>> = {
    'the schema refuses it': vaultSecretStatusSchema.safeParse(after).success,
    'it speaks of another generation': after.observedGeneration === before.generation,
    'it has a condition twice': conditions.size === after.conditions?.length,
    'it has no condition Ready': ready !== undefined,
    'Reconciling and Stalled are there while they are not True': others.every(
      ({ status }) => status === 'True',
    ),
    'it is Reconciling and Stalled': others.length <= 1,
    'it is Ready and Stalled':
      ready?.status !== 'True' || others.every((condition) => condition.type === 'Reconciling'),
    'a condition speaks of another generation': [...conditions.values()].every(
      ({ observedGeneration }) => observedGeneration === before.generation,
    ),
    'a transition time moved without a transition': [...conditions.values()].every((condition) =>
      hasRightTime(
        before.status.conditions?.find(({ type }) => type === condition.type),
        condition,
      ),
    ),
  };
  return Object.entries(rules).flatMap(([problem, holds]) => (holds ? [] : [problem]));
}

function hasRightTime(before: Condition | undefined, after: Condition): boolean {
  const isSame = before?.status === after.status;
  return !isSame || before.lastTransitionTime === after.lastTransitionTime;
}
