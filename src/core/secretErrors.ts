import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS4xx: the Secret and the API server that keeps it. */
export const secretErrors = {
  TargetOwnedByOther: {
    code: 'VS401',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} exists already and belongs to somebody else. It was not touched.',
    remedy:
      'Choose another spec.target.name, or remove that Secret: kubectl delete secret {secret} --namespace {namespace}',
  },
  TargetOwnedByVaultSecret: {
    code: 'VS402',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} belongs to VaultSecret {owner}. It was not touched.',
    remedy:
      'Give one of the two another spec.target.name. If VaultSecret {owner} is gone for good, remove what it left: kubectl delete secret {secret} --namespace {namespace}',
  },
  SecretWriteForbidden: {
    code: 'VS403',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'The API server does not let the controller write Secret {secret} (status 403).',
    remedy: "See the controller's ClusterRole and the admission policies of namespace {namespace}.",
  },
  SecretRefused: {
    code: 'VS404',
    retry: 'pollChange',
    actor: 'application team',
    message: 'The API server refused Secret {secret} (status {status}, field {field}).',
    remedy: 'Correct spec.target; kubectl explain secret describes the fields.',
  },
  SecretTooLarge: {
    code: 'VS405',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} would be too large: {part} has {size} bytes, {limit} are allowed.',
    remedy: 'Split spec.data over several VaultSecrets.',
  },
  ApiServerUnavailable: {
    code: 'VS406',
    retry: 'backoff',
    actor: 'nobody',
    message: 'The API server did not take the write (status {status}).',
    remedy: 'It is tried again.',
  },
  SecretImmutable: {
    code: 'VS407',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} is marked immutable, so it cannot follow its sources.',
    remedy:
      'Remove it, and it is made anew at once: kubectl delete secret {secret} --namespace {namespace}',
  },
  SecretTerminating: {
    code: 'VS408',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Secret {secret} is being deleted. It is made anew when it is gone.',
    remedy:
      'If it stays, see what holds it: kubectl get secret {secret} --namespace {namespace} --output custom-columns=FINALIZERS:.metadata.finalizers',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
