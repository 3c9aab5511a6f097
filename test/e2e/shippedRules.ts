import { z } from 'zod';
import { renderChart } from '../testbed/helm.ts';

const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.looseObject({ summary: z.string(), description: z.string() }),
});
const prometheusRule = z.looseObject({
  spec: z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })) }),
});

export type RuleGroup = z.infer<typeof prometheusRule>['spec']['groups'][number];

/** Out of the PrometheusRule that the chart makes. */
export async function shippedRules(values: Readonly<Record<string, unknown>> = {}) {
  const manifests = await renderChart({ values: { 'monitoring.rules.enabled': true, ...values } });
  const found = manifests.find(({ kind }) => kind === 'PrometheusRule');
  return prometheusRule.parse(found).spec.groups;
}
