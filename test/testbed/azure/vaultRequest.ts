import { requestErrors, type VaultError } from './vaultErrors.ts';

export type Operation =
  | 'get'
  | 'getVersion'
  | 'list'
  | 'listVersions'
  | 'set'
  | 'update'
  | 'delete'
  | 'getDeleted'
  | 'listDeleted'
  | 'recover'
  | 'purge'
  | 'backup'
  | 'restore';

export interface VaultRequest {
  operation: Operation;
  /** Undefined only where the operation is on the whole vault. */
  name: string | undefined;
  version: string | undefined;
  apiVersion: string;
  query: URLSearchParams;
}

export type ParsedRequest =
  | { kind: 'request'; request: VaultRequest }
  | { kind: 'error'; error: VaultError };

/** Oldest to newest; the last one is what an unknown version is told to use. */
const apiVersions = [
  ...['2015-06-01', '2016-10-01', '7.0-preview', '7.0', '7.1-preview', '7.1', '7.2-preview'],
  ...['7.2', '7.3-preview', '7.3', '7.4-preview.1', '7.4', '7.5-preview.1', '7.5'],
  ...['7.6-preview.1', '7.6-preview.2', '7.6', '2025-06-01-preview', '2025-07-01', '2026-04-01'],
];
const withoutBackup = new Set(['2015-06-01', '2016-10-01', '7.0-preview']);
const namePattern = /^[0-9a-zA-Z-]{1,127}$/;

type Methods = Readonly<Partial<Record<string, Operation>>>;

/** Rows: path after the root, with n for a name and v for a version. */
const routes: Readonly<Record<string, Methods>> = {
  secrets: { GET: 'list' },
  'secrets/restore': { POST: 'restore', GET: 'get', PUT: 'set', PATCH: 'update', DELETE: 'delete' },
  'secrets/n': { GET: 'get', PUT: 'set', PATCH: 'update', DELETE: 'delete' },
  'secrets/n/versions': { GET: 'listVersions' },
  'secrets/n/backup': { POST: 'backup' },
  'secrets/n/v': { GET: 'getVersion', PATCH: 'update' },
  deletedsecrets: { GET: 'listDeleted' },
  'deletedsecrets/n': { GET: 'getDeleted', DELETE: 'purge' },
  'deletedsecrets/n/recover': { POST: 'recover' },
};

/** Routing and validation of the request line: in Key Vault both come after the token check. */
export function parseVaultRequest(method: string, url: string): ParsedRequest {
  const queryStart = url.indexOf('?');
  const path = queryStart < 0 ? url : url.slice(0, queryStart);
  const query = new URLSearchParams(queryStart < 0 ? '' : url.slice(queryStart + 1));
  const error = (refusal: VaultError): ParsedRequest => ({ kind: 'error', error: refusal });

  const apiVersion = query.get('api-version');
  if (apiVersion === null) return error(requestErrors.missingApiVersion());
  if (!apiVersions.includes(apiVersion)) {
    return error(requestErrors.unknownApiVersion(apiVersion, apiVersions.at(-1) ?? ''));
  }
  const [root = '', name, tail] = segmentsOf(path);
  const shape = shapeOf(root, name, tail);
  const operation = routes[shape]?.[method];
  const isNamed = operation !== 'restore' && name !== undefined;
  if (isNamed && !namePattern.test(name)) return error(requestErrors.invalidName(name));
  if (routes[shape] === undefined) return error(requestErrors.notServed(path));
  const isUnknown = operation === 'backup' || operation === 'restore';
  if (operation === undefined || (isUnknown && withoutBackup.has(apiVersion))) {
    return error(requestErrors.methodNotAllowed(method));
  }
  const version = shape === 'secrets/n/v' ? tail : undefined;
  const parsed = { operation, name: isNamed ? name : undefined, version, apiVersion, query };
  return { kind: 'request', request: parsed };
}

/** A trailing slash changes nothing. */
function segmentsOf(path: string): string[] {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  return path.includes('%') ? segments.map(decode) : segments;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function shapeOf(root: string, name: string | undefined, tail: string | undefined): string {
  if (name === undefined) return root;
  if (tail === undefined) {
    return root === 'secrets' && name === 'restore' ? 'secrets/restore' : `${root}/n`;
  }
  const fixed = `${root}/n/${tail}`;
  return routes[fixed] === undefined && root === 'secrets' ? 'secrets/n/v' : fixed;
}
