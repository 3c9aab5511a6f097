import { lentOutcome } from '../core/access/lentOutcome.ts';
import type { ReconcileError } from '../core/errors/errors.ts';
import type { LentIdentity } from '../core/observed/identity.ts';

/** How the VaultSecrets that borrow an identity fare with it, by connection; a restart begins anew. */
export interface LentReads {
  /** `borrower`: request key of the VaultSecret. `error`: undefined when everything was read. */
  report(borrower: string, identity: LentIdentity, error: ReconcileError | undefined): void;
  /** The VaultSecret is gone, or borrows nothing any more. */
  forget(borrower: string): void;
  /** Why the identity of the connection cannot be used, if it cannot. */
  failureOf(connectionUid: string): ReconcileError | undefined;
}

/** What the borrowers of one connection last met; none of them stands in two of these. */
interface Borrowers {
  readonly connection: string;
  /** Of the connection: another one can lend another identity. */
  readonly generation: number;
  readonly working: Set<string>;
  readonly withoutToken: Map<string, ReconcileError>;
  readonly withoutRight: Map<string, ReconcileError>;
}

/**
 * Guarantees: `onChange` is given the name of a connection only when another failure than before is to be shown, or none;
 * the failure that is shown stays until its borrower leaves it.
 */
export function createLentReads(onChange: (connection: string) => void): LentReads {
  const connections = new Map<string, Borrowers>();
  const connectionOf = new Map<string, string>();
  const failureOf = (uid: string): ReconcileError | undefined => shown(connections.get(uid));

  /** Says so when what is shown is another after the step than before. */
  const change = (uid: string, connection: string, step: () => void): void => {
    const before = failureOf(uid);
    step();
    if (failureOf(uid)?.reason !== before?.reason) onChange(connection);
  };
  const forget = (borrower: string): void => {
    const uid = connectionOf.get(borrower);
    const borrowers = uid === undefined ? undefined : connections.get(uid);
    connectionOf.delete(borrower);
    if (uid === undefined || borrowers === undefined) return;
    change(uid, borrowers.connection, () => {
      leave(borrowers, borrower);
      if (isEmpty(borrowers)) connections.delete(uid);
    });
  };
  return {
    failureOf,
    forget,
    report(borrower, identity, error) {
      const { connectionUid: uid, connection } = identity;
      if (connectionOf.get(borrower) !== uid) forget(borrower);
      change(uid, connection, () => {
        const borrowers = current(connections.get(uid), identity);
        connections.set(uid, borrowers);
        connectionOf.set(borrower, uid);
        note(borrowers, borrower, error);
      });
    },
  };
}

/** What was met with a former spec of the connection is of no more interest. */
function current(known: Borrowers | undefined, identity: LentIdentity): Borrowers {
  const { connection, connectionGeneration: generation } = identity;
  if (known !== undefined && known.generation >= generation) return known;
  return {
    connection,
    generation,
    working: new Set(),
    withoutToken: new Map(),
    withoutRight: new Map(),
  };
}

function note(borrowers: Borrowers, borrower: string, error: ReconcileError | undefined): void {
  const outcome = lentOutcome(error);
  if (outcome === 'unknown') return;
  const failing = outcome === 'noToken' ? borrowers.withoutToken : borrowers.withoutRight;
  const isSame = outcome !== 'works' && failing.get(borrower)?.reason === error?.reason;
  if (isSame) return;
  leave(borrowers, borrower);
  if (outcome === 'works' || error === undefined) borrowers.working.add(borrower);
  else failing.set(borrower, error);
}

function leave({ working, withoutToken, withoutRight }: Borrowers, borrower: string): void {
  working.delete(borrower);
  withoutToken.delete(borrower);
  withoutRight.delete(borrower);
}

function isEmpty({ working, withoutToken, withoutRight }: Borrowers): boolean {
  return working.size + withoutToken.size + withoutRight.size === 0;
}

/**
 * The first that was met and lasts. A right that others read with is not missing to the identity: one who names an object
 * that no role covers must not fail the connection of all.
 */
function shown(borrowers: Borrowers | undefined): ReconcileError | undefined {
  if (borrowers === undefined) return undefined;
  const { working, withoutToken, withoutRight } = borrowers;
  const [noToken] = withoutToken.values();
  if (noToken !== undefined) return noToken;
  const [noRight] = withoutRight.values();
  return working.size === 0 ? noRight : undefined;
}
