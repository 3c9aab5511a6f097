import type { Condition } from '../../api/condition.ts';
import { refreshAnnotation } from '../../api/meta.ts';
import type { Access } from '../../core/access/access.ts';
import { conditionOf } from '../../core/observed/conditions.ts';
import { clientIdOf } from '../../core/observed/identity.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import type { Connected } from './clusterSteps.ts';
import { ProblemError } from './problem.ts';
import type { Reached } from './walk.ts';

/** Nobody but the controller can prove a lent identity: what it said last is taken for it. */
export async function hearOfLending({
  vaultSecret,
  connection,
}: Connected): Promise<Reached<string>> {
  const by = `ClusterVaultConnection ${connection?.name} lends an identity of the controller`;
  const ready = lastWord(vaultSecret, by);
  if (ready.status === 'True') return { value: by, detail: `${by}, which reads with it` };
  throw new ProblemError({
    reason: ready.reason,
    actor: 'cluster administrator',
    message: `${by}, and the controller says: ${ready.message}`,
    remedy: 'Only who may see the connection finds out more.',
    commands: [`kubectl describe clustervaultconnection ${connection?.name}`],
  });
}

/** Nobody outside the pods of the cluster reaches the proxy of identity bindings. */
export async function hearOfBinding(
  { vaultSecret }: Connected,
  { identity }: Access,
): Promise<Reached<string>> {
  const by = `AKS gives the controller tokens of client ${clientIdOf(identity)}`;
  const ready = lastWord(vaultSecret, 'AKS gives tokens to the controller alone');
  if (ready.status === 'True') return { value: by, detail: `${by}, which reads with them` };
  const { namespace, name } = vaultSecret;
  throw new ProblemError({
    reason: ready.reason,
    actor: 'cluster administrator',
    message: `The controller says: ${ready.message}`,
    remedy: 'That is its last word; once what it names is mended, this has it try again.',
    commands: [
      `kubectl annotate --overwrite vaultsecret ${name} --namespace ${namespace} ${refreshAnnotation}="$(date +%s)"`,
    ],
  });
}

function lastWord({ status }: VaultSecret, by: string): Condition {
  const ready = conditionOf(status, 'Ready');
  if (ready !== undefined) return ready;
  throw new ProblemError({
    reason: 'ControllerSilent',
    actor: 'cluster administrator',
    message: `${by}, and the controller has not yet said what came of it.`,
    remedy: 'See that the controller runs.',
    commands: ['kubectl get pods --all-namespaces --selector app.kubernetes.io/name=vaultsecret'],
  });
}
