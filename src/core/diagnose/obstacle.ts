import { ReconcileError } from '../errors/errors.ts';
import type { Observed, ObservedSecret, VaultSecret } from '../observed/observed.ts';
import { isAdopting, isMerging, targetName } from '../observed/target.ts';
import { adoptionObstacle, credentialObstacle } from '../secret/adoption.ts';
import { specProblem } from '../secret/specProblem.ts';
import { someNames } from '../someNames.ts';
import { contestPause } from './contest.ts';
import type { SecretFacts } from './diagnosis.ts';
import { standingVerdict } from './verdict.ts';

type Obstacle = (observed: Observed, facts: SecretFacts) => ReconcileError | undefined;

/** Why nothing may be read or written. The first obstacle is the one that is shown. */
const obstacles: readonly Obstacle[] = [
  // First: the others read the spec.
  invalidSpec,
  // Before everything about the Secret: the rival decides about a Secret that it writes.
  heldByRival,
  // Before the owner is judged: a Secret that is being deleted takes no write from any owner.
  terminatingSecret,
  noSecretToMerge,
  mergeIntoOwnSecret,
  // A credential is never adopted, and its owner is not shown.
  notToBeAdopted,
  credentialOfOthers,
  ownedByOther,
  // Between VaultSecrets that may write the Secret.
  takenDataKeys,
  // Last, because they end with time alone; the others end only when someone acts.
  contestPause,
  standingVerdict,
];

export function obstacleOf(observed: Observed, facts: SecretFacts): ReconcileError | undefined {
  for (const obstacle of obstacles) {
    const error = obstacle(observed, facts);
    if (error !== undefined) return error;
  }
  return undefined;
}

function invalidSpec({ vaultSecret }: Observed): ReconcileError | undefined {
  const problem = vaultSecret.problem ?? specProblem(vaultSecret.spec);
  return problem && new ReconcileError('InvalidSpec', { details: problem });
}

function heldByRival({ vaultSecret }: Observed, { rival }: SecretFacts) {
  return rival && ownedByRival(vaultSecret, rival.name, wayOut(vaultSecret, rival));
}

function terminatingSecret({ vaultSecret, target }: Observed): ReconcileError | undefined {
  return target?.terminating === true
    ? new ReconcileError('SecretTerminating', { details: namesOf(vaultSecret) })
    : undefined;
}

function noSecretToMerge({ vaultSecret, target }: Observed): ReconcileError | undefined {
  return isMerging(vaultSecret.spec) && target === undefined
    ? new ReconcileError('TargetNotFound', { details: namesOf(vaultSecret) })
    : undefined;
}

function mergeIntoOwnSecret(
  { vaultSecret }: Observed,
  { isOwned }: SecretFacts,
): ReconcileError | undefined {
  return isMerging(vaultSecret.spec) && isOwned
    ? new ReconcileError('TargetIsOwn', { details: namesOf(vaultSecret) })
    : undefined;
}

function notToBeAdopted(observed: Observed, facts: SecretFacts): ReconcileError | undefined {
  const foreign = foreignSecret(observed, facts);
  return foreign && isSharing(observed) ? adoptionObstacle(observed, foreign) : undefined;
}

function credentialOfOthers(observed: Observed, facts: SecretFacts): ReconcileError | undefined {
  const foreign = foreignSecret(observed, facts);
  return foreign && !isSharing(observed) ? credentialObstacle(observed, foreign) : undefined;
}

function ownedByOther(observed: Observed, facts: SecretFacts): ReconcileError | undefined {
  const foreign = foreignSecret(observed, facts);
  return foreign && !isSharing(observed) ? ownerError(observed.vaultSecret, foreign) : undefined;
}

function takenDataKeys({ vaultSecret }: Observed, { keyConflict }: SecretFacts) {
  if (keyConflict === undefined) return undefined;
  const { rival, dataKeys } = keyConflict;
  const secret = targetName(vaultSecret);
  const details = { secret, owner: rival.name, dataKeys: someNames(dataKeys) };
  return new ReconcileError('DataKeyConflict', { details });
}

/** The policy is to take over or share what others made. */
function isSharing({ vaultSecret: { spec } }: Observed): boolean {
  return isMerging(spec) || isAdopting(spec);
}

/** A target that others made and that is not handed over. */
function foreignSecret(
  { target }: Observed,
  { isOwned, formerOwner }: SecretFacts,
): ObservedSecret | undefined {
  return isOwned || formerOwner !== undefined ? undefined : target;
}

const objectName = /^[a-z0-9][-.a-z0-9]{0,252}$/;

/** Any client can write the annotation: only a name in this namespace is repeated. */
function ownerError(vaultSecret: VaultSecret, { name, owner }: ObservedSecret): ReconcileError {
  const { namespace } = vaultSecret;
  const prefix = `${namespace}/`;
  const rival = owner?.startsWith(prefix) === true ? owner.slice(prefix.length) : '';
  return objectName.test(rival)
    ? ownedByRival(vaultSecret, rival, adoptWhatItLeft(rival))
    : new ReconcileError('TargetOwnedByOther', { details: { namespace, secret: name } });
}

function ownedByRival(vaultSecret: VaultSecret, owner: string, wayOut: string): ReconcileError {
  const details = { ...namesOf(vaultSecret), owner, wayOut };
  return new ReconcileError('TargetOwnedByVaultSecret', { details });
}

function namesOf(vaultSecret: VaultSecret): {
  readonly namespace: string;
  readonly secret: string;
} {
  return { namespace: vaultSecret.namespace, secret: targetName(vaultSecret) };
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
