import type { Access } from '../access/access.ts';
import type { ReconcileError, Result } from '../errors/errors.ts';
import type { Repairs, VaultSecret } from '../observed/observed.ts';
import type { Drift } from '../secret/drift.ts';
import type { SyncRecord } from '../secret/recordFormat.ts';
import type { KeyConflict } from '../secret/rivals.ts';
import type { TakeOver } from '../secret/takeOver.ts';
import type { SecretDefect } from './secretDefect.ts';

/** Another client undoes our repairs, one after the other. */
export interface Contest {
  readonly repairs: Repairs;
  /** What the status says meanwhile. */
  readonly error: ReconcileError;
}

/** What is known of the Secret before anything is read. */
export interface SecretFacts {
  /** The sync record of this VaultSecret in the target. */
  readonly record: SyncRecord | undefined;
  readonly drift: Drift | undefined;
  readonly defect: SecretDefect | undefined;
  /** The target belongs to this VaultSecret, whole. */
  readonly isOwned: boolean;
  /** The VaultSecret that hands the target over. */
  readonly formerOwner: VaultSecret | undefined;
  /** The VaultSecret that keeps this one from writing. */
  readonly rival: VaultSecret | undefined;
  /** Data keys that another VaultSecret merges and keeps. */
  readonly keyConflict: KeyConflict | undefined;
  /** Recent repairs of the Secret, each soon after the one before. */
  readonly repairs: Repairs | undefined;
  /** Another client keeps undoing these repairs. */
  readonly contest: Contest | undefined;
}

/**
 * What follows from the observed state, each fact derived once.
 * Guarantees: it stays valid until the plan is applied, because select, fetch and plan change nothing that it rests on.
 */
export interface Diagnosis extends SecretFacts {
  /** Which vault is read, and as whom; or why not. */
  readonly access: Result<Access>;
  /** Why nothing may be read or written. */
  readonly obstacle: ReconcileError | undefined;
  readonly takeOver: TakeOver | undefined;
}
