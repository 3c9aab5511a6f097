import { bicepString } from '../../src/cli/setup/bicepFile.ts';
import { alerts, thresholds, withThresholds, type Alert } from './alerts.ts';

/** Of Azure: 0 critical, 1 error, 2 warning. https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview */
const severities = { critical: 0, warning: 2 } as const;

/** By the name of the placeholder. */
const parameters = new Map<string, string>([
  ['NOT_SYNCED_MINUTES', 'notSyncedMinutes'],
  ['EXPIRY_DAYS', 'expiryDays'],
] satisfies [keyof typeof thresholds, string][]);

/** https://learn.microsoft.com/azure/templates/microsoft.alertsmanagement/2023-03-01/prometheusrulegroups */
export function alertsBicep(): string {
  return `// Generated from deploy/helm/files/monitoring/alerts.yaml by \`npm run generate\`, since Azure Managed Prometheus reads no
// PrometheusRule. az deployment group create --resource-group GROUP --template-file vaultsecret-alerts.bicep \\
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
param notSyncedMinutes int = ${thresholds.NOT_SYNCED_MINUTES}

@description('How many days before an object or client certificate expires it is an alert.')
param expiryDays int = ${thresholds.EXPIRY_DAYS}

var actions = [for id in actionGroupIds: {
  actionGroupId: id
}]

resource alerts 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = {
  name: 'vaultsecret-\${clusterName}'
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
${alerts().map(rule).join('\n')}
    ]
  }
}
`;
}

function rule({ alert, expr, severity, summary, meaning, look, ...when }: Alert): string {
  return [
    '{',
    `  alert: ${bicepString(alert)}`,
    '  enabled: true',
    `  expression: ${text(expr)}`,
    `  for: 'PT${when.for.toUpperCase()}'`,
    `  severity: ${severities[severity]}`,
    '  labels: {',
    `    severity: ${bicepString(severity)}`,
    '  }',
    '  annotations: {',
    `    summary: ${text(summary)}`,
    `    description: ${text(`${meaning} Look first: ${look}`)}`,
    '  }',
    '  resolveConfiguration: {',
    '    autoResolved: true',
    // Between 1 and 15 minutes.
    "    timeToResolve: 'PT10M'",
    '  }',
    '  actions: actions',
    '}',
  ]
    .map((line) => `      ${line}`)
    .join('\n');
}

function text(plain: string): string {
  return withThresholds(bicepString(plain), (name) => `\${${parameters.get(name)}}`);
}
