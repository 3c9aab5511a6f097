/** A host name, or `*.` and a domain for one more label, and where to connect instead. */
export interface ResolveRule {
  /** Lower case. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

/** The first rule that names the host; a wildcard stands for exactly one label. */
export function findResolveRule(
  rules: readonly ResolveRule[],
  hostname: string,
): ResolveRule | undefined {
  const domain = hostname.slice(hostname.indexOf('.'));
  return rules.find(({ host }) => host === hostname || host === `*${domain}`);
}
