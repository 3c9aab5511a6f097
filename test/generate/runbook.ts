import { alerts, thresholds, withThresholds, type Alert } from './alerts.ts';
import { table } from './tables.ts';

const introduction = [
  '# Run book',
  'Generated from `deploy/helm/files/monitoring/alerts.yaml` by `npm run generate`. Words in capitals are yours to fill in. The thresholds are values of the chart, `monitoring.rules.notSyncedMinutes` and `monitoring.rules.expiryDays`, and parameters of `deploy/azure/vaultsecret-alerts.bicep`.',
];

export function runbook(): string {
  return `${byDefault([...introduction, ...alerts().flatMap(section)].join('\n\n'))}\n`;
}

export function alertTable(): string {
  const rows = alerts().map(({ alert, severity, summary, ...when }) => [
    `[${alert}](runbook.md#${alert.toLowerCase()})`,
    severity,
    plain(summary),
    when.for,
  ]);
  return byDefault(table(['alert', 'severity', 'when', 'for at least'], rows));
}

function byDefault(text: string): string {
  const values = new Map(Object.entries(thresholds).map(([name, value]) => [name, `${value}`]));
  return withThresholds(text, (name) => values.get(name) ?? '');
}

/** With the name of a label for its value. */
function plain(summary: string): string {
  return summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '_$1_');
}

function section({ alert, severity, summary, meaning, causes, look, fix, ...when }: Alert) {
  return [
    `## ${alert}`,
    `**${severity}**: ${plain(summary)}.`,
    meaning,
    `**Likely causes**\n\n${causes.map((cause) => `- ${cause}`).join('\n')}`,
    `**First command**\n\n\`\`\`sh\n${look}\n\`\`\``,
    `**Fix.** ${fix}`,
    `<details><summary>Expression, for ${when.for}</summary>\n\n\`\`\`promql\n${when.expr}\n\`\`\`\n\n</details>`,
  ];
}
