import type { CatalogueEntry } from './catalogueEntry.ts';

const webhooks =
  'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations --output "custom-columns=CONFIGURATION:.metadata.name,WEBHOOKS:.webhooks[*].name"';

/** VS6xx: what administrators put in the way of writes to the API server. */
export const clusterErrors = {
  PolicyRefused: {
    code: 'VS601',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: '{policyKind} {name} of the cluster refused {what}.',
    remedy: 'To see what it demands: kubectl describe {policyResource} {name}',
  },
  WebhookRefused: {
    code: 'VS602',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'Admission webhook {name} of the cluster refused {what}.',
    remedy: `Whoever runs it knows what it allows: ${webhooks}`,
  },
  WebhookUnavailable: {
    code: 'VS603',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: 'Admission webhook {name} of the cluster must allow {what}, and does not answer.',
    remedy: `It is tried again. If it lasts, repair or remove it: ${webhooks}`,
  },
  QuotaExceeded: {
    code: 'VS604',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'Quota {name} of namespace {namespace} leaves no room for {what}.',
    remedy:
      'Raise it, or remove what is not needed: kubectl describe resourcequota {name} --namespace {namespace}',
  },
  NamespaceTerminating: {
    code: 'VS605',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Namespace {namespace} is being deleted, so {what} cannot be made in it.',
    remedy: 'If it stays, see what holds it: kubectl describe namespace {namespace}',
  },
  RequestForbidden: {
    code: 'VS606',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'The API server, or a proxy before it, refused {what} (status {status}). The answer names no missing right, policy, webhook or quota.',
    remedy: `The audit log of the API server has the reason. Besides a proxy, admission plugins and webhooks can refuse; the webhooks are listed by: ${webhooks}`,
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
