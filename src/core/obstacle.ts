import { targetName } from './target.ts';
import { ReconcileError } from './errors.ts';
import type { Observed, ObservedSecret, VaultSecret } from './observed.ts';
import { isOwned } from './ownership.ts';
import { specProblem } from './specProblem.ts';

/** Why nothing may be read or written, whoever asks. */
export function obstacleOf({ vaultSecret, target }: Observed): ReconcileError | undefined {
  const problem = vaultSecret.problem ?? specProblem(vaultSecret.spec);
  if (problem !== undefined) return new ReconcileError('InvalidSpec', { details: problem });
  if (target === undefined) return undefined;
  if (target.terminating) {
    const { namespace } = vaultSecret;
    return new ReconcileError('SecretTerminating', {
      details: { namespace, secret: targetName(vaultSecret) },
    });
  }
  return isOwned(target, vaultSecret) ? undefined : ownedByOther(vaultSecret, target);
}

const objectName = /^[a-z0-9][-.a-z0-9]{0,252}$/;

/** The annotation is text that anybody could have written: only a name in this namespace is repeated. */
function ownedByOther({ namespace }: VaultSecret, { name, owner }: ObservedSecret): ReconcileError {
  const prefix = `${namespace}/`;
  const rival = owner?.startsWith(prefix) === true ? owner.slice(prefix.length) : '';
  const details = { namespace, secret: name };
  return objectName.test(rival)
    ? new ReconcileError('TargetOwnedByVaultSecret', { details: { ...details, owner: rival } })
    : new ReconcileError('TargetOwnedByOther', { details });
}
