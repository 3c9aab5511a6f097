import type { ConnectionStatus } from '../../api/vaultConnection.ts';
import { conditionsFrom, type ConditionState } from '../observed/conditions.ts';
import { meetingPatterns, type Overlap } from '../access/owners.ts';
import type {
  ClusterVaultConnection,
  GrantedConnection,
  VaultConnection,
} from '../observed/connection.ts';
import { storedCredentialStates } from './storedCredential.ts';
import { explain, type ReconcileError } from '../errors/errors.ts';

/** Why a connection cannot be used. */
type Obstacle = Pick<ConditionState, 'reason' | 'message'>;

/** It lends nothing, so that its users may know all that it says. */
export function vaultConnectionStatus(
  connection: VaultConnection,
  problem: ReconcileError | undefined,
  now: number,
): ConnectionStatus {
  const obstacle = problem && { reason: problem.reason, message: explain(problem) };
  return statusOf(connection, obstacle, now, storedCredentialStates(connection));
}

/** What is known of a ClusterVaultConnection besides its spec. */
export interface ConnectionFacts {
  /** Why the identity that it lends cannot be used. */
  readonly failure?: ReconcileError | undefined;
  /** Of its vault. */
  readonly overlaps?: readonly Overlap[];
}

/** The only place besides the log that says why a lent identity cannot be used. */
export function clusterVaultConnectionStatus(
  connection: GrantedConnection,
  { failure, overlaps = [] }: ConnectionFacts,
  now: number,
): ConnectionStatus {
  return statusOf(connection, lentObstacle(failure), now, [
    ...grantStates(connection.spec.allowedNamespaces.selector),
    ...overlapStates(connection, overlaps),
  ]);
}

function statusOf(
  { problem, status, generation }: VaultConnection | ClusterVaultConnection,
  obstacle: Obstacle | undefined,
  now: number,
  others: readonly ConditionState[] = [],
): ConnectionStatus {
  const invalid = problem && {
    reason: 'InvalidSpec',
    message: `The spec is not valid: ${problem.field} ${problem.problem}.`,
  };
  const states = [...readyStates(invalid ?? obstacle), ...others];
  return {
    observedGeneration: generation,
    conditions: conditionsFrom({ former: status.conditions, generation, now }, states),
  };
}

/** Every obstacle that is shown is definite: for kstatus a bare `Ready: False` is work in progress. */
function readyStates(obstacle: Obstacle | undefined): readonly ConditionState[] {
  const valid = { reason: 'Valid', message: 'The connection can be used.' };
  return obstacle === undefined
    ? [{ type: 'Ready', status: 'True', ...valid }]
    : [
        { type: 'Ready', status: 'False', ...obstacle },
        { type: 'Stalled', status: 'True', ...obstacle },
      ];
}

/** The object that one borrower asked for says nothing to the others, and each failure would name another. */
const anyObject = { object: '<name>', objectName: '<name>' };

function lentObstacle(failure: ReconcileError | undefined): Obstacle | undefined {
  if (failure === undefined) return undefined;
  return { reason: failure.reason, message: explain(failure.withDetails(anyObject)) };
}

function grantStates(selector: object | undefined): readonly ConditionState[] {
  if (selector === undefined) return [];
  const message =
    'Whoever may label namespaces decides who uses this connection; spec.allowedNamespaces.names does not depend on labels.';
  return [{ type: 'GrantedByLabel', status: 'True', reason: 'SelectorUsed', message }];
}

/** Enough to see what is meant, and short enough for a condition. */
const shownOverlaps = 10;

const ownership =
  'The longest of them alone reads it, and none where two are as long. Give them vaults of their own to lend all.';

function overlapStates(
  { spec: { lend }, allowed, claims }: GrantedConnection,
  overlaps: readonly Overlap[],
): readonly ConditionState[] {
  if (lend === undefined) return [];
  const isTrue = { type: 'NamesOverlap', status: 'True', reason: 'NamespacesOverlap' } as const;
  const meeting = allowed.length > 1 ? meetingPatterns(claims) : undefined;
  if (meeting !== undefined) {
    const patterns = [...new Set(meeting)].join(' and ');
    const message = `By ${patterns} the name of an object can fit any two namespaces. ${ownership}`;
    return [{ ...isTrue, message }];
  }
  const isOwn = new Set(allowed);
  const own = overlaps.filter((pair) => pair.some((namespace) => isOwn.has(namespace)));
  if (own.length === 0) return [];
  const shown = own.slice(0, shownOverlaps).map((pair) => pair.join(' and '));
  const more = own.length > shownOverlaps ? ', and others' : '';
  const message = `The name of an object can fit two namespaces: ${shown.join(', ')}${more}. ${ownership}`;
  return [{ ...isTrue, message }];
}
