import { describe, expect, test } from 'vitest';
import { alerts, withThresholds } from '../../generate/alerts.ts';
import { alertsBicep } from '../../generate/alertsBicep.ts';
import { readBicep, type BicepValue } from '../cli/setup/bicepReader.ts';

const { declarations } = readBicep(alertsBicep());
const group = declarations.find(({ kind }) => kind === 'resource');

/** As plain data: texts, numbers and words as text. */
function plain(value: BicepValue | undefined): unknown {
  switch (value?.kind) {
    case 'text':
    case 'expression':
      return value.text;
    case 'list':
      return value.items.map(plain);
    case 'object':
      return Object.fromEntries(
        Object.entries(value.entries).map(([key, one]) => [key, plain(one)]),
      );
    case undefined:
      return undefined;
  }
}

// Properties and their form: https://learn.microsoft.com/azure/templates/microsoft.alertsmanagement/2023-03-01/prometheusrulegroups
describe('the rule group for Azure Managed Prometheus', () => {
  test('is one resource, whose parameters are all used and all declared', () => {
    expect(group).toMatchObject({
      type: 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01',
    });
    const declared = declarations.map(({ symbol }) => symbol);
    const used = declarations.flatMap(({ references }) => references);
    expect(declared).toEqual(expect.arrayContaining(used));
    const idle = declarations.filter(
      ({ kind, symbol }) => kind !== 'resource' && !used.includes(symbol),
    );
    expect(idle).toEqual([]);
  });

  test('says the same as the alerts of the chart, with parameters for its values', () => {
    const { rules, ...properties } = plain(group?.body['properties']) as { rules: unknown };
    expect(properties).toEqual({
      description: expect.any(String),
      scopes: ['azureMonitorWorkspaceId'],
      clusterName: 'clusterName',
      enabled: 'true',
      interval: 'PT1M',
    });
    const names: Record<string, string> = {
      NOT_SYNCED_MINUTES: 'notSyncedMinutes',
      EXPIRY_DAYS: 'expiryDays',
    };
    const text = (one: string): string => withThresholds(one, (name) => `\${${names[name]}}`);
    expect(rules).toEqual(
      alerts().map(({ alert, expr, severity, summary, meaning, look, ...when }) => ({
        alert,
        enabled: 'true',
        expression: text(expr),
        for: `PT${when.for.replace('m', 'M')}`,
        severity: severity === 'critical' ? '0' : '2',
        labels: { severity },
        annotations: {
          summary: text(summary),
          description: text(`${meaning} Look first: ${look}`),
        },
        resolveConfiguration: { autoResolved: 'true', timeToResolve: 'PT10M' },
        actions: 'actions',
      })),
    );
  });

  // https://learn.microsoft.com/azure/azure-monitor/essentials/prometheus-rule-groups
  test('has no more than the 20 rules that a group may have', () => {
    expect(alerts().length).toBeLessThanOrEqual(20);
  });
});
