import { adoptionObstacle, credentialObstacle } from '../secret/adoption.ts';
import { contestObstacle } from './contest.ts';
import { someNames } from '../someNames.ts';
import { isAdopting, isMerging, targetName } from '../observed/target.ts';
import { ReconcileError } from '../errors/errors.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../observed/observed.ts';
import { isOwned } from '../secret/ownership.ts';
import { formerOwner } from '../secret/handOver.ts';
import { firstKeyConflict, firstRival } from '../secret/rivals.ts';
import { specProblem } from '../secret/specProblem.ts';
import { standingVerdict } from './verdict.ts';

/** Why nothing may be read or written, whoever asks. */
export function obstacleOf(observed: Observed): ReconcileError | undefined {
  const { vaultSecret, target } = observed;
  const problem = vaultSecret.problem ?? specProblem(vaultSecret.spec);
  if (problem !== undefined) return new ReconcileError('InvalidSpec', { details: problem });
  const rival = firstRival(observed);
  if (rival !== undefined) return ownedByRival(vaultSecret, rival.name, wayOut(vaultSecret, rival));
  if (target?.terminating === true) {
    const { namespace } = vaultSecret;
    return new ReconcileError('SecretTerminating', {
      details: { namespace, secret: targetName(vaultSecret) },
    });
  }
  const obstacle = isMerging(vaultSecret.spec) ? mergeObstacle(observed) : wholeObstacle(observed);
  return obstacle ?? contestObstacle(observed) ?? standingVerdict(observed);
}

function wholeObstacle(observed: Observed): ReconcileError | undefined {
  const { vaultSecret, target } = observed;
  if (target === undefined || isOwned(target, observed)) return undefined;
  if (formerOwner(observed) !== undefined) return undefined;
  if (isAdopting(vaultSecret.spec)) return adoptionObstacle(observed, target);
  return credentialObstacle(observed, target) ?? ownedByOther(vaultSecret, target);
}

function mergeObstacle(observed: Observed): ReconcileError | undefined {
  const { vaultSecret, target } = observed;
  const { namespace } = vaultSecret;
  const secret = targetName(vaultSecret);
  if (target === undefined)
    return new ReconcileError('TargetNotFound', { details: { namespace, secret } });
  if (isOwned(target, observed))
    return new ReconcileError('TargetIsOwn', { details: { namespace, secret } });
  const obstacle = adoptionObstacle(observed, target);
  if (obstacle !== undefined) return obstacle;
  const conflict = firstKeyConflict(observed);
  if (conflict === undefined) return undefined;
  const { rival, dataKeys } = conflict;
  return new ReconcileError('DataKeyConflict', {
    details: { secret, owner: rival.name, dataKeys: someNames(dataKeys) },
  });
}

const objectName = /^[a-z0-9][-.a-z0-9]{0,252}$/;

/** The annotation is text that anybody could have written: only a name in this namespace is repeated. */
function ownedByOther(vaultSecret: VaultSecret, { name, owner }: ObservedSecret): ReconcileError {
  const { namespace } = vaultSecret;
  const prefix = `${namespace}/`;
  const rival = owner?.startsWith(prefix) === true ? owner.slice(prefix.length) : '';
  return objectName.test(rival)
    ? ownedByRival(vaultSecret, rival, adoptWhatItLeft(rival))
    : new ReconcileError('TargetOwnedByOther', { details: { namespace, secret: name } });
}

function ownedByRival(vaultSecret: VaultSecret, owner: string, wayOut: string): ReconcileError {
  const { namespace } = vaultSecret;
  const details = { namespace, secret: targetName(vaultSecret), owner, wayOut };
  return new ReconcileError('TargetOwnedByVaultSecret', { details });
}

/** A VaultSecret that lives keeps its Secret while it names it, whatever the creationPolicy of the other. */
function wayOut(vaultSecret: VaultSecret, rival: VaultSecret): string {
  const isMoving =
    !rival.terminating &&
    rival.problem === undefined &&
    !isMerging(vaultSecret.spec) &&
    targetName(rival) !== targetName(vaultSecret);
  return isMoving
    ? `VaultSecret ${rival.name} names another Secret now and hands this one over as soon as it is not suspended. If that other Secret is the one of this VaultSecret, the two wait for each other: a third name in spec.target.name of one of them ends that.`
    : 'Give one of the two another spec.target.name.';
}

function adoptWhatItLeft(owner: string): string {
  return `VaultSecret ${owner} does not exist now. If it is gone for good, set spec.target.creationPolicy to Adopt, and the Secret that it left is taken over; or choose another spec.target.name.`;
}
