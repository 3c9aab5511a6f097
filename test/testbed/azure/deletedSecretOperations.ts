import { z } from 'zod';
import type { Answer } from './httpAnswer.ts';
import { backupBlob, openBackup } from './secretBackups.ts';
import { deletedBundle, secretProperties } from './secretBundles.ts';
import { isRestoreBlocked, stateOf } from './secretLifecycle.ts';
import {
  activeSecret,
  fail,
  ok,
  parse,
  secretIdOfNewest,
  type OperationInput,
} from './secretOperations.ts';
import { requestErrors } from './vaultErrors.ts';
import { addSecret, removeSecret, type StoredSecret } from './vaultStore.ts';

const restoreSchema = z.object({ value: z.string() });

export function deleteSecret(input: OperationInput): Answer {
  const { vault, name, nowMs } = input;
  const secret = activeSecret(input);
  if (secret === undefined) return fail(requestErrors.secretNotFound(vault, name));
  if (secret.newest.managed) return fail(requestErrors.managed('delete'));
  if (vault.settings.recoverableDays === 0) removeSecret(vault, secret);
  else secret.deletedAtMs = nowMs;
  return ok(deletedBundle(input, secret, secret.newest.id));
}

export function getDeletedSecret(input: OperationInput): Answer {
  const secret = settledDeleted(input);
  if (secret === undefined) return fail(requestErrors.deletedSecretNotFound(input.name));
  if (!secret.newest.enabled) return fail(requestErrors.deletedAndDisabled(input.vault));
  return ok(deletedBundle(input, secret, secret.newest.id));
}

function settledDeleted({ vault, name, nowMs }: OperationInput): StoredSecret | undefined {
  const secret = vault.secrets.get(name.toUpperCase());
  if (secret === undefined || stateOf(vault, secret, nowMs) !== 'deleted') return undefined;
  return secret;
}

export function purgeSecret(input: OperationInput): Answer {
  const { vault, name, nowMs } = input;
  const secret = vault.secrets.get(name.toUpperCase());
  if (secret?.deletedAtMs === undefined) return fail(requestErrors.deletedSecretNotFound(name));
  if (settledDeleted(input) === undefined) return fail(requestErrors.beingDeleted(vault, name));
  if (vault.settings.purgeProtection) return fail(requestErrors.purgeProtected(vault));
  removeSecret(vault, secret);
  vault.purgedAtMs.set(name.toUpperCase(), nowMs);
  return { status: 204 };
}

export function recoverSecret(input: OperationInput): Answer {
  const { vault, name, nowMs } = input;
  const secret = vault.secrets.get(name.toUpperCase());
  if (secret === undefined) return fail(requestErrors.secretNotFound(vault, name));
  if (secret.deletedAtMs === undefined) return fail(requestErrors.existsAlready(name));
  if (settledDeleted(input) === undefined) return fail(requestErrors.beingDeleted(vault, name));
  secret.deletedAtMs = undefined;
  secret.recoveredAtMs = nowMs;
  return ok(secretProperties(input, secret.name, secret.newest, secret.newest.id));
}

export function backupSecret(input: OperationInput): Answer {
  const secret = activeSecret(input);
  if (secret === undefined) return fail(requestErrors.secretNotFound(input.vault, input.name));
  if (secret.newest.managed) return fail(requestErrors.managed('backup'));
  return ok({ value: backupBlob(secret) });
}

/** Brings all versions back under their old ids and times. */
export function restoreSecret(input: OperationInput, text: string): Answer {
  const body = parse(restoreSchema, text);
  if (body.kind === 'error') return fail(body.error);
  const backup = openBackup(body.value.value);
  if (backup === undefined) return fail(requestErrors.malformedBackup());
  const { vault, nowMs } = input;
  const isTaken = vault.secrets.has(backup.name.toUpperCase());
  if (isTaken || isRestoreBlocked(vault, backup.name, nowMs)) {
    return fail(requestErrors.restoreConflict(secretIdOfNewest(vault, backup)));
  }
  addSecret(vault, backup);
  return ok(secretProperties(input, backup.name, backup.newest, backup.newest.id));
}
