const quoted = (value: string): string => `'${value}'`;

export function celList(values: readonly string[]): string {
  return `[${values.map(quoted).join(', ')}]`;
}

export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** The field that the message names, when it is another than the one that bears the rule. */
  readonly fieldPath?: string;
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules */
export function celRules(...rules: readonly CelRule[]) {
  return { 'x-kubernetes-validations': rules };
}
