import type { Metrics } from '../../../src/observability/metrics.ts';

const operations = ['get', 'listVersions', 'getDeleted'];
const identityKinds = [
  'workloadIdentity',
  'controllerWorkloadIdentity',
  'managedIdentity',
  'clientSecret',
  'clientCertificate',
];
const resources = [
  'vaultsecrets',
  'vaultconnections',
  'clustervaultconnections',
  'secrets',
  'credentials',
  'serviceaccounts',
  'namespaces',
];
const codes = ['200', '401', '403', '404', '429', '500', '503', 'unreachable'];

/** Says whatever a controller may say apart from vaults and the fleet, in each of its ways. */
export function exercise(metrics: Metrics): void {
  for (const name of ['vaultsecret', 'vaultconnection', 'clustervaultconnection']) {
    metrics.workqueue(name).waited(1);
    metrics.controller(name).reconciled('success', 1);
  }
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    for (const code of [...codes, '201', '409', '422', '<error>'])
      metrics.apiServer.requested(method, code, '10.0.0.1:443');
  for (const kind of identityKinds) {
    for (const result of ['success', 'error'] as const) metrics.token.requested(kind, result);
    metrics.token.obtained(kind, 1);
  }
  for (const resource of resources) {
    metrics.informer.objects(resource, 1);
    metrics.informer.relisted(resource);
    metrics.informer.heard(resource, 1);
    metrics.informer.unreadable(resource);
  }
  metrics.certificates(() => [1]);
}

/** The same of one vault. */
export function exerciseVault(metrics: Metrics, name: string): void {
  const host = `${name}.vault.azure.net`;
  for (const operation of operations)
    for (const code of codes) metrics.keyVault.requested(host, operation, code, 0.1);
  metrics.keyVault.throttled(host, 1);
  metrics.keyVault.budgetLeft(host, 1);
  metrics.net.breaker(host, true);
}
