import type { Condition } from '../../api/condition.ts';
import { refreshAnnotation } from '../../api/meta.ts';
import type { Access } from '../../core/access/access.ts';
import { connectionErrors } from '../../core/errors/connectionErrors.ts';
import { explained, remedyOf, type ReconcileError } from '../../core/errors/errors.ts';
import { conditionOf } from '../../core/observed/conditions.ts';
import { clientIdOf } from '../../core/observed/identity.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import type { Connected } from './clusterSteps.ts';
import { ProblemError, problemOf } from './problem.ts';
import type { Reached } from './walk.ts';

/** Only the controller can prove a lent identity: what it said last is taken for it. */
export async function hearOfLending({
  vaultSecret,
  connection,
}: Connected): Promise<Reached<string>> {
  const by = `ClusterVaultConnection ${connection?.name} lends an identity of the controller`;
  const ready = lastWord(vaultSecret, by);
  const age = ageOf(vaultSecret, ready);
  if (ready.status === 'True') return { value: by, detail: `${by}, which reads with it${age}` };
  if (!(ready.reason in connectionErrors))
    return {
      value: by,
      detail: `${by}; another failure hides whether it reads with it${age}`,
      isUnseen: true,
    };
  throw new ProblemError({
    reason: ready.reason,
    actor: 'cluster administrator',
    message: `${by}, and the controller says${age}: ${ready.message}`,
    remedy: 'Only who may see the connection finds out more.',
    commands: [`kubectl describe clustervaultconnection ${connection?.name}`],
  });
}

/** Only pods of the cluster reach the proxy of identity bindings. */
export async function hearOfBinding(
  { vaultSecret }: Connected,
  { identity }: Access,
): Promise<Reached<string>> {
  const by = `AKS gives the controller tokens of client ${clientIdOf(identity)}`;
  const ready = lastWord(vaultSecret, 'AKS gives tokens to the controller alone');
  const age = ageOf(vaultSecret, ready);
  if (ready.status === 'True') return { value: by, detail: `${by}, which reads with them${age}` };
  throw new ProblemError({
    reason: ready.reason,
    actor: 'cluster administrator',
    message: `The controller says${age}: ${ready.message}`,
    remedy: 'That is its last word. When what it names is fixed, this command has it try again.',
    commands: [askForRefresh(vaultSecret)],
  });
}

/** Whether every step that was taken before has passed. */
interface Heard {
  readonly vaultSecret: VaultSecret;
  readonly isWhole: boolean;
}

/**
 * What the controller last said of the VaultSecret: only it writes the Secret, so only it meets what goes wrong there.
 * @throws ReconcileError, ProblemError
 */
export async function hearOfVaultSecret({ vaultSecret, isWhole }: Heard): Promise<Reached<string>> {
  const ready = conditionOf(vaultSecret.status, 'Ready');
  if (ready === undefined) {
    const detail = `the controller has not looked at it yet; this shows whether one runs: ${podsCommand}`;
    return { value: detail, detail, isUnseen: true };
  }
  const { status, reason, message } = ready;
  const age = ageOf(vaultSecret, ready);
  const detail = `${reason}${age}: ${message}`;
  if (age !== '') return { value: detail, detail, isUnseen: true };
  if (status === 'True' || reason === 'Suspended') return { value: detail, detail };
  const error = explained(reason, message);
  if (error === undefined) throw inOtherWords(vaultSecret, ready);
  throw isWhole && isSeenByWalk(error) ? notMetHere(vaultSecret, error) : error;
}

/** Codes of identities, Microsoft Entra ID, Key Vault and the way there. */
function isSeenByWalk({ entry }: ReconcileError): boolean {
  return /^VS[1235]/.test(entry.code);
}

function notMetHere(vaultSecret: VaultSecret, error: ReconcileError): ProblemError {
  return new ProblemError({
    ...problemOf(error, {}),
    message: `The controller met this at its last look, and this command did not: ${error.message}`,
    remedy: `Have the controller look again. If it meets the same, its network or its clock differs from that of this machine. ${remedyOf(error)}`,
    commands: [askForRefresh(vaultSecret)],
  });
}

/** Of a controller of another version. */
function inOtherWords(
  { namespace, name }: VaultSecret,
  { reason, message }: Condition,
): ProblemError {
  const code = /^(VS\d{3}): /.exec(message)?.[1];
  return new ProblemError({
    ...(code === undefined ? {} : { code }),
    reason,
    actor: 'application team',
    message: message.replace(/^VS\d{3}: /, ''),
    remedy: 'The message ends with what helps.',
    commands: [`kubectl describe vaultsecret ${name} --namespace ${namespace}`],
  });
}

/** For a sentence; empty when the condition speaks of the spec as it stands. */
function ageOf(
  { generation }: VaultSecret,
  { observedGeneration = generation }: Condition,
): string {
  return observedGeneration === generation
    ? ''
    : ` (of generation ${observedGeneration}; the spec is at ${generation})`;
}

function askForRefresh({ namespace, name }: VaultSecret): string {
  return `kubectl annotate --overwrite vaultsecret ${name} --namespace ${namespace} ${refreshAnnotation}="$(date +%s)"`;
}

const podsCommand =
  'kubectl get pods --all-namespaces --selector app.kubernetes.io/name=vaultsecret';

function lastWord({ status }: VaultSecret, by: string): Condition {
  const ready = conditionOf(status, 'Ready');
  if (ready !== undefined) return ready;
  throw new ProblemError({
    reason: 'ControllerSilent',
    actor: 'cluster administrator',
    message: `${by}, and the controller has not yet said what came of it.`,
    remedy: 'See that the controller runs.',
    commands: [podsCommand],
  });
}
