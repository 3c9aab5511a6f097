import { adoptionObstacle } from './adoption.ts';
import { isAdopting, targetName } from './target.ts';
import { ReconcileError } from './errors.ts';
import type { Observed, ObservedSecret, VaultSecret } from './observed.ts';
import { isOwned } from './ownership.ts';
import { firstRival } from './rivals.ts';
import { specProblem } from './specProblem.ts';

/** Why nothing may be read or written, whoever asks. */
export function obstacleOf(observed: Observed): ReconcileError | undefined {
  const { vaultSecret, target } = observed;
  const problem = vaultSecret.problem ?? specProblem(vaultSecret.spec);
  if (problem !== undefined) return new ReconcileError('InvalidSpec', { details: problem });
  const rival = firstRival(observed);
  if (rival !== undefined) return ownedByRival(vaultSecret, rival.name);
  if (target === undefined) return undefined;
  if (target.terminating) {
    const { namespace } = vaultSecret;
    return new ReconcileError('SecretTerminating', {
      details: { namespace, secret: targetName(vaultSecret) },
    });
  }
  if (isOwned(target, vaultSecret)) return undefined;
  return isAdopting(vaultSecret.spec)
    ? adoptionObstacle(observed, target)
    : ownedByOther(vaultSecret, target);
}

const objectName = /^[a-z0-9][-.a-z0-9]{0,252}$/;

/** The annotation is text that anybody could have written: only a name in this namespace is repeated. */
function ownedByOther(vaultSecret: VaultSecret, { name, owner }: ObservedSecret): ReconcileError {
  const { namespace } = vaultSecret;
  const prefix = `${namespace}/`;
  const rival = owner?.startsWith(prefix) === true ? owner.slice(prefix.length) : '';
  return objectName.test(rival)
    ? ownedByRival(vaultSecret, rival)
    : new ReconcileError('TargetOwnedByOther', { details: { namespace, secret: name } });
}

function ownedByRival(vaultSecret: VaultSecret, owner: string): ReconcileError {
  const { namespace } = vaultSecret;
  const details = { namespace, secret: targetName(vaultSecret), owner };
  return new ReconcileError('TargetOwnedByVaultSecret', { details });
}
