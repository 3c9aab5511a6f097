import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KubeClient } from '../../testbed/kubeClient.ts';

const ruleSchema = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
});

type Rule = z.infer<typeof ruleSchema>;

/** One verb on one resource of one API group. */
export interface Right {
  /** "patch vaultsecret.dev vaultsecrets/status"; the core group has no name. */
  readonly line: string;
  readonly rule: Rule;
}

/** The files from which the chart and the test bed take the rights of the controller. */
export type RuleFile =
  | 'cluster-role-rules'
  | 'namespace-role-rules'
  | 'role-rules'
  | 'metrics-review-rules';

export function rightsIn(file: RuleFile): readonly Right[] {
  const path = resolve(import.meta.dirname, '../../../deploy/helm/files', `${file}.yaml`);
  return rightsOf(z.array(ruleSchema.strict()).parse(parse(readFileSync(path, 'utf8'))));
}

/** One by one, so that grouping does not matter. */
function rightsOf(rules: readonly Rule[]): readonly Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs, ...names }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({
          line: rightLine({ verb, group, resource }, names.resourceNames),
          rule: { apiGroups: [group], resources: [resource], verbs: [verb], ...names },
        })),
      ),
    ),
  );
}

export function rightLine(
  { verb, group, resource }: { verb: string; group: string; resource: string },
  names: readonly string[] = [],
): string {
  return [verb, group, resource, ...names].filter((word) => word !== '').join(' ');
}

/** What everybody who is authenticated may: ask about themselves; and since 1.37 every ServiceAccount: read trust anchors. */
const everybodys =
  /^(create (authentication|authorization)[.]k8s[.]io selfsubject|(get|list|watch) certificates[.]k8s[.]io clustertrustbundles$)/;

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/ */
export async function rightsHeld(client: KubeClient, namespace: string): Promise<Set<string>> {
  const answer = await client.send({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    },
  });
  const review = z.object({
    status: z.object({ incomplete: z.literal(false), resourceRules: z.array(ruleSchema) }),
  });
  const lines = rightsOf(review.parse(answer).status.resourceRules).map(({ line }) => line);
  return new Set(lines.filter((line) => !everybodys.test(line)));
}
