// Generated from deploy/helm/files/monitoring/alerts.yaml by `npm run generate`, since Azure Managed Prometheus reads no
// PrometheusRule. az deployment group create --resource-group GROUP --template-file vaultsecret-alerts.bicep \
//   --parameters clusterName=NAME azureMonitorWorkspaceId=ID actionGroupIds='["ID"]'

@description('Name of the cluster, as the label cluster of its metrics has it.')
param clusterName string

@description('Resource id of the Azure Monitor workspace that has the metrics.')
param azureMonitorWorkspaceId string

@description('Region of that workspace.')
param location string = resourceGroup().location

@description('Resource ids of the action groups that are told.')
param actionGroupIds array = []

@description('After how many minutes a VaultSecret that is not ready is an alert.')
param notSyncedMinutes int = 30

@description('How many days before an object or client certificate expires it is an alert.')
param expiryDays int = 14

var actions = [for id in actionGroupIds: {
  actionGroupId: id
}]

resource alerts 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = {
  name: 'vaultsecret-${clusterName}'
  location: location
  properties: {
    description: 'vaultsecret: docs/runbook.md says what to do'
    scopes: [
      azureMonitorWorkspaceId
    ]
    clusterName: clusterName
    enabled: true
    interval: 'PT1M'
    rules: [
      {
        alert: 'VaultSecretNotSynced'
        enabled: true
        expression: 'time() - (max by (cluster, namespace, job) (vaultsecret_not_ready_since_timestamp_seconds) > 0) > ${notSyncedMinutes} * 60'
        for: 'PT1M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'A VaultSecret has not been ready for ${notSyncedMinutes} minutes'
          description: 'At least one VaultSecret is not ready. Its Secret keeps the last good data; one that was never synced has no Secret, and its pods wait for it. Look first: kubectl get vaultsecrets --all-namespaces | grep --invert-match \' True \''
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretRefreshLate'
        enabled: true
        expression: 'max by (cluster, namespace, job) (vaultsecret_oldest_overdue_refresh_seconds) > 600'
        for: 'PT5M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'A VaultSecret that says it is in sync has not been refreshed in time'
          description: 'The refresh of at least one VaultSecret is more than ten minutes overdue. Its condition `Ready` still says True, and a change in Key Vault is not seen. After two intervals without a refresh the VaultSecret says so itself. Look first: kubectl logs deployment/vaultsecret --namespace NAMESPACE --since 15m | grep \'reconcile failed\' | tail'
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretObjectExpires'
        enabled: true
        expression: '(min by (cluster, namespace, job) (vaultsecret_next_expiry_timestamp_seconds > 0)) - time() < ${expiryDays} * 86400'
        for: 'PT5M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'An object in Key Vault that a VaultSecret reads expires within ${expiryDays} days, or has expired'
          description: 'Of all versions of objects that are in Secrets, the next to expire. When it does, the newest version that is still valid takes its place; where there is none, the Secret keeps the last data and the VaultSecret is not ready. Look first: kubectl get vaultsecrets --all-namespaces --output json | jq --raw-output \'.items[] | .metadata as $m | .status.sources[]? | select(.expiresOn) | [.expiresOn, $m.namespace, $m.name, .name] | @tsv\' | sort | head'
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretThrottled'
        enabled: true
        expression: 'sum by (cluster, namespace, job, vault) (rate(vaultsecret_keyvault_requests_total{code="429"}[5m])) > 0'
        for: 'PT15M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'Key Vault {{ $labels.vault }} keeps answering 429'
          description: 'For 15 minutes no five have passed without a 429. A vault takes 4,000 requests for secrets in ten seconds from all its users together. The controller slows down by itself; refreshes from this vault come late, others are not touched. Look first: az monitor metrics list --resource VAULT_RESOURCE_ID --metrics ServiceApiHit --interval PT1M --aggregation Count'
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretBreakerOpen'
        enabled: true
        expression: 'max by (cluster, namespace, job, host) (vaultsecret_breaker_open) > 0'
        for: 'PT5M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: '{{ $labels.host }} does not answer'
          description: 'Several requests in a row got no answer, so that the host is asked only now and then. Secrets keep their last good data. `other` stands for all hosts after the first 200. Look first: kubectl run look --rm --stdin --restart Never --image curlimages/curl -- --verbose --max-time 10 https://HOST'
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretTokenFailing'
        enabled: true
        expression: 'sum by (cluster, namespace, job, kind) (rate(vaultsecret_token_requests_total{result="error"}[10m])) > 0'
        for: 'PT15M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'Tokens are refused to identities of kind {{ $labels.kind }}'
          description: 'For 15 minutes at least one identity has got no token. Its VaultSecrets go on with the token they have, an hour or a day, and are not ready afterwards. Others are not touched. Look first: kubectl get vaultsecrets --all-namespaces | grep --invert-match \' True \''
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretLeaderMissing'
        enabled: true
        expression: '(sum by (cluster, namespace, job) (leader_election_master_status{name="vaultsecret"}) != 1) or absent(leader_election_master_status{name="vaultsecret"})'
        for: 'PT2M'
        severity: 0
        labels: {
          severity: 'critical'
        }
        annotations: {
          summary: 'No replica of the controller leads, or more than one says so'
          description: 'Without a leader nothing is refreshed or repaired; Secrets stay as they are. Two that say so for two minutes do not both hold the Lease; their writes are fenced, so that one of them only fails. Look first: kubectl get pods --all-namespaces --selector app.kubernetes.io/name=vaultsecret --output wide'
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretTwoControllers'
        enabled: true
        expression: 'time() - (max by (cluster, namespace, job) (max_over_time(vaultsecret_foreign_status_timestamp_seconds[1h])) > 0) < 3600'
        for: 'PT1M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'Another controller serves the same VaultSecrets'
          description: 'In the last hour another release wrote the status of a VaultSecret that this one serves, too. The writes of both are fenced, so that Secrets stay whole; but each vault is read twice, and where the two differ in version or options they undo each other\'s work. It ends an hour after the last such write; two that agree write only when something changes. Look first: kubectl get vaultsecrets --all-namespaces --output jsonpath=\'{range .items[*]}{.status.controller}{"\\n"}{end}\' | sort | uniq -c'
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
      {
        alert: 'VaultSecretClientCertificateExpires'
        enabled: true
        expression: '(min by (cluster, namespace, job) (vaultsecret_next_client_certificate_expiry_timestamp_seconds > 0)) - time() < ${expiryDays} * 86400'
        for: 'PT5M'
        severity: 2
        labels: {
          severity: 'warning'
        }
        annotations: {
          summary: 'A client certificate in a Secret expires within ${expiryDays} days, or has expired'
          description: 'A VaultConnection reads with an application\'s certificate from a Secret. When it expires, its VaultSecrets get no token. Of client secrets nothing can be told; only Microsoft Entra ID knows when they expire, and VaultSecretTokenFailing fires once they have. Look first: kubectl get secrets --all-namespaces --selector vaultsecret.dev/credential=true --output json | jq --raw-output \'.items[].metadata | [.namespace, .name] | @tsv\''
        }
        resolveConfiguration: {
          autoResolved: true
          timeToResolve: 'PT10M'
        }
        actions: actions
      }
    ]
  }
}
