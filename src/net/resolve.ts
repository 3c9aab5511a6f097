/** A host name, or `*.` and a domain for one more label, and where to connect instead. */
export interface ResolveRule {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

/**
 * `HOST=ADDRESS:PORT`, like curl's --connect-to: the name in TLS and in the request stays HOST.
 * Undefined when the text is no such rule.
 */
export function parseResolveRule(text: string): ResolveRule | undefined {
  const match = /^((?:\*\.)?[a-z0-9.-]+)=(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text);
  const [, host, address, port] = match ?? [];
  if (host === undefined || address === undefined || port === undefined) return undefined;
  return { host: host.toLowerCase(), address: address.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** The first rule that names the host; a wildcard stands for exactly one label. */
export function findResolveRule(
  rules: readonly ResolveRule[],
  hostname: string,
): ResolveRule | undefined {
  const domain = hostname.slice(hostname.indexOf('.'));
  return rules.find(
    ({ host }) => host === hostname || (host.startsWith('*.') && host.slice(1) === domain),
  );
}
