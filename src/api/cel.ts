const quoted = (value: string): string => `'${value}'`;

export function celList(values: readonly string[]): string {
  return `[${values.map(quoted).join(', ')}]`;
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules */
export function celRules(...rules: readonly { readonly rule: string; readonly message: string }[]) {
  return { 'x-kubernetes-validations': rules };
}
