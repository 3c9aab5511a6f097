import type { Access } from '../../core/access/access.ts';
import { ReconcileError } from '../../core/errors/errors.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import { problemOf, ProblemError } from './problem.ts';
import type { DoctorTools } from './tools.ts';
import type { Reached } from './walk.ts';

export type Mechanism = 'federatedCredential' | 'identityBinding';

const names: Readonly<Record<Mechanism, string>> = {
  federatedCredential: 'federated credentials',
  identityBinding: 'identity bindings of AKS',
};

/** How ServiceAccounts prove themselves is the controller's to decide, for all of them. */
export async function findMechanism(
  { controllerOf }: Pick<DoctorTools, 'controllerOf'>,
  vaultSecret: VaultSecret,
): Promise<Reached<Mechanism>> {
  const seen = await controllerOf(vaultSecret);
  if (seen === undefined) {
    const why = 'you see no Deployment of the controller; --identity-bindings is for the other';
    return { value: 'federatedCredential', detail: `${names.federatedCredential}: ${why}` };
  }
  const value = seen.identityBindings ? 'identityBinding' : 'federatedCredential';
  return { value, detail: `${names[value]}, by ${seen.toldBy}` };
}

/** In the cluster; whether Azure has bound the identity to it only `az` tells. */
export async function lookAtBinding(
  { mayUseIdentity }: Pick<DoctorTools, 'mayUseIdentity'>,
  { identity }: Access,
): Promise<Reached<boolean | undefined>> {
  if (identity.kind !== 'workloadIdentity') throw new TypeError('no ServiceAccount proves it');
  const { namespace, serviceAccountName: name, clientId } = identity;
  const value = await mayUseIdentity({ namespace, name }, clientId);
  if (value === undefined)
    return {
      value,
      isUnseen: true,
      detail:
        'the API server does not let you ask for a SubjectAccessReview, which says whether RBAC allows it',
    };
  if (value) return { value, detail: `RBAC lets ServiceAccount ${name} use client ${clientId}` };
  const details = { namespace, serviceAccount: name, clientId, status: 403 };
  throw new ProblemError({
    ...problemOf(new ReconcileError('IdentityBindingMissing', { details }), {}),
    message: `RBAC does not let ServiceAccount ${name} of namespace ${namespace} use client ${clientId}.`,
  });
}
