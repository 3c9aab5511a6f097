import { alerts, thresholds, withThresholds, type Alert } from './alerts.ts';

const introduction = [
  '# Run book',
  'Generated from `deploy/helm/files/monitoring/alerts.yaml` by `npm run generate`. Words in capitals are yours to fill in. The thresholds are values of the chart, `monitoring.rules.notSyncedMinutes` and `monitoring.rules.expiryDays`, and parameters of `deploy/azure/vaultsecret-alerts.bicep`.',
];

export function runbook(): string {
  const byDefault = new Map(Object.entries(thresholds).map(([name, value]) => [name, `${value}`]));
  const text = [...introduction, ...alerts().flatMap(section)].join('\n\n');
  return `${withThresholds(text, (name) => byDefault.get(name) ?? '')}\n`;
}

function section({ alert, severity, summary, meaning, causes, look, fix, ...when }: Alert) {
  return [
    `## ${alert}`,
    `**${severity}**: ${summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '_$1_')}.`,
    meaning,
    `**Likely causes**\n\n${causes.map((cause) => `- ${cause}`).join('\n')}`,
    `**First command**\n\n\`\`\`sh\n${look}\n\`\`\``,
    `**Fix.** ${fix}`,
    `<details><summary>Expression, for ${when.for}</summary>\n\n\`\`\`promql\n${when.expr}\n\`\`\`\n\n</details>`,
  ];
}
