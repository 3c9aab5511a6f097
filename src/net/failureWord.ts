import { NotAnsweringError } from './host.ts';

/** Why no answer came, as a short word such as ENOTFOUND or AbortError: safe to show. */
export function failureWord(thrown: unknown, proxyUrl?: URL): string {
  if (!(thrown instanceof Error)) return 'UNKNOWN';
  // Requests that come later get the failure of those before them.
  if (thrown instanceof NotAnsweringError && thrown.cause !== undefined)
    return failureWord(thrown.cause, proxyUrl);
  const refusal = /^Proxy response \((\d{3})\)/.exec(thrown.message);
  if (refusal !== null) return `PROXY_${refusal[1]}`;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  return proxyUrl !== undefined && isAbout(thrown, proxyUrl) ? `PROXY_${code}` : code;
}

/** Node names the host that it looked up, or the port that it connected to. */
function isAbout(error: Error, { hostname, port, protocol }: URL): boolean {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return false;
  if ('hostname' in first) return first.hostname === hostname;
  return 'port' in first && String(first.port) === (port || defaultPorts[protocol]);
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
