import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS11x, VS12x: the ServiceAccount and its token. */
export const identityErrors = {
  ServiceAccountNotFound: {
    code: 'VS111',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'ServiceAccount {serviceAccount} does not exist in namespace {namespace}.',
    remedy: 'Run: kubectl create serviceaccount {serviceAccount} --namespace {namespace}',
  },
  ServiceAccountTerminating: {
    code: 'VS115',
    retry: 'awaitChange',
    actor: 'application team',
    message:
      'ServiceAccount {serviceAccount} in namespace {namespace} is being deleted, so nothing is read with its identity.',
    remedy:
      'Name another one, or create it again when it is gone. Its finalizers say what it waits for: kubectl get serviceaccount {serviceAccount} --namespace {namespace} --output yaml',
  },
  ClientIdMissing: {
    code: 'VS112',
    retry: 'awaitChange',
    actor: 'application team',
    message:
      'ServiceAccount {serviceAccount} names no identity: its annotation azure.workload.identity/client-id is missing.',
    remedy:
      'Run: kubectl annotate serviceaccount {serviceAccount} --namespace {namespace} azure.workload.identity/client-id=<client id of the managed identity>',
  },
  TenantIdMissing: {
    code: 'VS113',
    retry: 'awaitChange',
    actor: 'cluster administrator',
    message:
      'No tenant is known for ServiceAccount {serviceAccount}: it has no annotation azure.workload.identity/tenant-id and the controller has no default.',
    remedy:
      'Start the controller with --azure-tenant-id, or run: kubectl annotate serviceaccount {serviceAccount} --namespace {namespace} azure.workload.identity/tenant-id=<tenant id>',
  },
  IdentityInvalid: {
    code: 'VS114',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'Annotation {annotation} of ServiceAccount {serviceAccount} is not a UUID: {value}.',
    remedy:
      'Run: kubectl annotate --overwrite serviceaccount {serviceAccount} --namespace {namespace} {annotation}=<UUID>',
  },
  TokenRequestRefused: {
    code: 'VS120',
    retry: 'backoff',
    actor: 'nobody',
    message:
      'The API server gave no token for ServiceAccount {serviceAccount} in namespace {namespace} (status {status}).',
    remedy:
      'It is tried again. If it lasts, see that the ServiceAccount is there: kubectl get serviceaccount {serviceAccount} --namespace {namespace}',
  },
  ControllerTokenUnreadable: {
    code: 'VS121',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'The controller cannot read the token of its own pod ({cause}).',
    remedy:
      "See that the workload identity webhook has seen the controller's pods: they need the label azure.workload.identity/use=true.",
  },
  IdentityBindingMissing: {
    code: 'VS123',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'The identity binding proxy of the cluster does not let ServiceAccount {serviceAccount} of namespace {namespace} act as client {clientId} (status {status}).',
    remedy:
      'Run: kubectl create clusterrolebinding use-mi-{clientId}-{namespace}-{serviceAccount} --clusterrole=use-mi-{clientId} --serviceaccount={namespace}:{serviceAccount}; that ClusterRole must have the verb use-managed-identity on resource {clientId} of API group cid.wi.aks.azure.com. The bindings: az aks identity-binding list --cluster-name <cluster> --resource-group <group>',
  },
  TokenRequestForbidden: {
    code: 'VS122',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      '{user} lacks the right to ask for a token of ServiceAccount {serviceAccount} in namespace {namespace}.',
    remedy:
      'Give it the rights that the chart gives; then this says yes: kubectl auth can-i create serviceaccounts --subresource token --namespace {namespace} --as {user}',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
