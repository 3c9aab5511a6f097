import type { ClusterVaultConnectionStatus } from '../../api/vaultConnection.ts';
import { conditionsFrom, type ConditionState } from '../observed/conditions.ts';
import type { ClusterVaultConnection } from '../observed/connection.ts';
import { isDefinite } from '../errors/errorCatalogue.ts';
import { explain, type ReconcileError } from '../errors/errors.ts';

/** How the last reading with a lent identity went wrong. */
export interface LentFailure {
  readonly namespace: string;
  readonly error: ReconcileError;
}

/** The only place besides the log where failures of a lent identity are told in full. */
export function connectionStatus(
  { spec, problem, status, generation }: ClusterVaultConnection,
  failure: LentFailure | undefined,
  now: number,
): ClusterVaultConnectionStatus {
  const ready = readyState(problem, failure);
  const states = [
    ready,
    // Every failure that is shown is definite: for kstatus a bare `Ready: False` is work in progress.
    ...(ready.status === 'False' ? [{ ...ready, type: 'Stalled', status: 'True' } as const] : []),
    ...grantStates(spec.allowedNamespaces.selector),
  ];
  return {
    observedGeneration: generation,
    conditions: conditionsFrom({ former: status.conditions, generation, now }, states),
  };
}

function readyState(
  problem: ClusterVaultConnection['problem'],
  failure: LentFailure | undefined,
): ConditionState {
  if (problem !== undefined) {
    const message = `The spec is not valid: ${problem.field} ${problem.problem}.`;
    return { type: 'Ready', status: 'False', reason: 'InvalidSpec', message };
  }
  // What passes by itself would write a status at each hiccup of a vault.
  if (failure === undefined || !isDefinite(failure.error.reason)) {
    return {
      type: 'Ready',
      status: 'True',
      reason: 'Valid',
      message: 'The connection can be used.',
    };
  }
  const { namespace, error } = failure;
  const message = `For namespace ${namespace}: ${explain(error)}`;
  return { type: 'Ready', status: 'False', reason: error.reason, message };
}

function grantStates(selector: object | undefined): readonly ConditionState[] {
  if (selector === undefined) return [];
  const message =
    'Whoever may label namespaces decides who uses this connection; spec.allowedNamespaces.names does not depend on labels.';
  return [{ type: 'GrantedByLabel', status: 'True', reason: 'SelectorUsed', message }];
}
