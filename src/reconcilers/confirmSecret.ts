import { fieldManagerOf } from '../api/meta.ts';
import { ReconcileError } from '../core/errors/errors.ts';
import { fenceOf } from '../core/observed/fence.ts';
import type { ObservedSecret, VaultSecret } from '../core/observed/observed.ts';
import type { SecretAction } from '../core/secret/secretAction.ts';
import type { Comparison, SecretClient } from '../ports/secrets.ts';
import type { Stored } from '../ports/stored.ts';

type Confirm = Extract<SecretAction, { readonly kind: 'confirm' }>;

export interface Confirmed {
  /** The answer to the last write; undefined when there was nothing to put right. */
  readonly stored?: Stored<ObservedSecret> | undefined;
  /** It differs after that as well: admission changes it. */
  readonly error?: ReconcileError;
}

/**
 * The Secret is compared with what it must hold, and put right if it differs.
 * Guarantees: two writes at most. An apply brings its own values back, and removes no key that no manager owns.
 * @throws KubeApiError
 */
export async function confirmSecret(
  secrets: SecretClient,
  { namespace, uid }: VaultSecret,
  { desired, fence }: Confirm,
): Promise<Confirmed> {
  const fieldManager = fieldManagerOf(uid);
  let verdict: Comparison = await secrets.compare(desired);
  let stored: Stored<ObservedSecret> | undefined;
  if (verdict === 'different') {
    stored = await secrets.apply(desired, { fieldManager, fence, force: true });
    verdict = await secrets.compare(desired);
  }
  // With values of ours that differ, their fields would change hands.
  if (verdict === 'surplus') {
    const current = stored === undefined ? fence : fenceOf(stored.body);
    stored = await secrets.replaceData(desired, current, fieldManager);
    verdict = await secrets.compare(desired);
  }
  if (verdict === 'same' || verdict === 'unknown') return { stored };
  const details = { namespace, secret: desired.name, manager: 'none: admission changes it' };
  return { stored, error: new ReconcileError('SecretContested', { details }) };
}
