import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS4xx: the Secret and the API server that keeps it. */
export const secretErrors = {
  TargetOwnedByOther: {
    code: 'VS401',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Secret {secret} exists already, and this VaultSecret did not make it. It was not touched.',
    remedy:
      'Choose another spec.target.name. To take the Secret over instead, set spec.target.creationPolicy to Adopt; a user who may update the Secret agrees with this label: kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/managed=true; or, if nothing uses the Secret, remove it: kubectl delete secret {secret} --namespace {namespace}',
  },
  TargetOwnedByVaultSecret: {
    code: 'VS402',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} belongs to VaultSecret {owner}. It was not touched.',
    remedy: '{wayOut}',
  },
  SecretWriteForbidden: {
    code: 'VS403',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'The controller lacks the right to {verb} Secret {secret} in namespace {namespace}.',
    remedy:
      'Give it the rights that the chart gives; then this says yes: kubectl auth can-i {verb} secrets --namespace {namespace} --as {user}',
  },
  SecretRefused: {
    code: 'VS404',
    retry: 'awaitRefresh',
    actor: 'application team',
    message: 'The API server refused Secret {secret} (status {status}, field {field}).',
    remedy: 'Correct spec.target; kubectl explain secret describes the fields.',
  },
  SecretTooLarge: {
    code: 'VS405',
    retry: 'awaitRefresh',
    actor: 'application team',
    message: 'Secret {secret} would be too large: {part} has {size} bytes, {limit} are allowed.',
    remedy: 'Split spec.data over several VaultSecrets.',
  },
  ApiServerUnavailable: {
    code: 'VS406',
    retry: 'backoff',
    actor: 'nobody',
    message: 'The API server did not take the write (status {status}).',
    remedy:
      'It is tried again. If it lasts, see what the API server lacks: kubectl get --raw "/readyz?verbose"',
  },
  SecretImmutable: {
    code: 'VS407',
    retry: 'awaitRefresh',
    actor: 'application team',
    message: 'Secret {secret} is marked immutable, so it cannot follow its sources.',
    remedy:
      'Remove it, and it is made anew at once: kubectl delete secret {secret} --namespace {namespace}',
  },
  SecretTerminating: {
    code: 'VS408',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Secret {secret} is being deleted. Nothing is written until it is gone.',
    remedy:
      'If it stays, see what holds it: kubectl get secret {secret} --namespace {namespace} --output custom-columns=FINALIZERS:.metadata.finalizers',
  },
  TargetNotLabelled: {
    code: 'VS409',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Secret {secret} is not ours to write: its owner has not said so by the label vaultsecret.dev/managed. It was not touched.',
    remedy:
      'Who may update the Secret runs: kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/managed=true',
  },
  TargetTypeDiffers: {
    code: 'VS410',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Secret {secret} is not of type {type}, so it cannot be taken over. It was not touched.',
    remedy:
      'Set spec.target.type to its type, unless that is a credential type: kubectl get secret {secret} --namespace {namespace} --output custom-columns=TYPE:.type',
  },
  TargetIsCredential: {
    code: 'VS411',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Secret {secret} is by its type a credential of Kubernetes or Helm. It was not touched.',
    remedy: 'Choose another spec.target.name.',
  },
  TargetNotFound: {
    code: 'VS412',
    retry: 'pollChange',
    actor: 'application team',
    message: 'Secret {secret} does not exist, and creationPolicy Merge makes none.',
    remedy:
      'Set spec.target.creationPolicy to Owner, or let its owner run: kubectl create secret generic {secret} --namespace {namespace} && kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/managed=true',
  },
  DataKeyConflict: {
    code: 'VS413',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'VaultSecret {owner} already fills {dataKeys} of Secret {secret}. Nothing was written.',
    remedy: 'Give one of the two other names in spec.data[].dataKey, or another spec.target.name.',
  },
  TargetIsOwn: {
    code: 'VS414',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Secret {secret} is all of this VaultSecret; creationPolicy Merge adds keys to a Secret of somebody else. It was not touched.',
    remedy:
      'Set spec.target.creationPolicy back to what it was, or to Orphan, and the Secret stays when the VaultSecret goes. To share a Secret with others, set spec.target.name to one that they made and labelled: kubectl label secret <Secret of others> --namespace {namespace} vaultsecret.dev/managed=true',
  },
  FinalizerForbidden: {
    code: 'VS415',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'The controller lacks the right to {verb} VaultSecrets, for the finalizer that creationPolicy Merge needs.',
    remedy:
      'Give it the rights that the chart gives; then this says yes: kubectl auth can-i {verb} vaultsecrets.vaultsecret.dev --namespace {namespace} --as {user}',
  },
  SecretMissing: {
    code: 'VS416',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Secret {secret} is gone, deleted by somebody or for a change of its type, and the API server takes no new one.',
    remedy: '{refusal} It is tried again every few seconds.',
  },
  MergeTargetImmutable: {
    code: 'VS418',
    retry: 'awaitRefresh',
    actor: 'application team',
    message:
      'Secret {secret}, into which keys are merged, is marked immutable, so they cannot follow their sources.',
    remedy:
      'Choose another spec.target.name; or let the owner of the Secret make it anew without immutable: true, and then run: kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/managed=true',
  },
  SecretContested: {
    code: 'VS417',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Somebody else changes Secret {secret} again and again, last by field manager {manager}. It is put right with growing pauses, of five minutes at most.',
    remedy:
      'Let them leave it alone, or choose another spec.target.name; this prints who wrote what: kubectl get secret {secret} --namespace {namespace} --output custom-columns=BY:.metadata.managedFields[*].manager,AT:.metadata.managedFields[*].time',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
