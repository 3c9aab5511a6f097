import { isApiVersionSince, isKnownApiVersion } from './apiVersions.ts';
import type { Operation } from './operationNames.ts';
import { requestErrors, type VaultError } from './vaultErrors.ts';

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

type Methods = Readonly<Partial<Record<string, Operation>>>;

/** Rows: path after the root, with n for a name and v for a version. */
const routes: Readonly<Record<string, Methods>> = {
  secrets: { GET: 'list' },
  'secrets/restore': { POST: 'restore' },
  'secrets/n': { GET: 'get', PUT: 'set', PATCH: 'update', DELETE: 'delete' },
  'secrets/n/versions': { GET: 'listVersions' },
  'secrets/n/backup': { POST: 'backup' },
  'secrets/n/v': { GET: 'getVersion', PATCH: 'update' },
  deletedsecrets: { GET: 'listDeleted' },
  'deletedsecrets/n': { GET: 'getDeleted', DELETE: 'purge' },
  'deletedsecrets/n/recover': { POST: 'recover' },
  certificates: { GET: 'listCertificates' },
  'certificates/n': { GET: 'getCertificate' },
  'certificates/n/create': { POST: 'createCertificate' },
  'certificates/n/pending': { GET: 'getPendingCertificate' },
  'certificates/n/policy': { GET: 'getCertificatePolicy' },
  'certificates/n/v': { GET: 'getCertificate' },
  keys: { GET: 'listKeys' },
  'keys/n': { GET: 'getKey' },
  'keys/n/create': { POST: 'createKey' },
  'keys/n/v': { GET: 'getKey', POST: 'useKey' },
  'keys/n/v/use': { POST: 'useKey' },
};
const namePattern = /^[0-9a-zA-Z-]{1,127}$/;

/** First api-version that knows the operation, where not all do. */
const since: Readonly<Partial<Record<Operation, string>>> = { backup: '7.0', restore: '7.0' };

/** Routing and validation of the request line: in Key Vault both come after the token check. */
export function parseVaultRequest(
  method: string,
  url: string,
  latestApiVersion: string,
): ParsedRequest {
  const queryStart = url.indexOf('?');
  const path = queryStart < 0 ? url : url.slice(0, queryStart);
  const query = new URLSearchParams(queryStart < 0 ? '' : url.slice(queryStart + 1));
  const apiVersion = query.get('api-version');
  const refusal = refuseApiVersion(apiVersion, latestApiVersion);
  if (apiVersion === null || refusal !== undefined) {
    return { kind: 'error', error: refusal ?? requestErrors.missingApiVersion() };
  }
  const route = routeOf(method, path);
  const operation = resolve(route, method, apiVersion);
  if (typeof operation !== 'string') return { kind: 'error', error: operation };
  const { name, version } = route;
  return { kind: 'request', request: { operation, name, version, apiVersion, query } };
}

function refuseApiVersion(version: string | null, latest: string): VaultError | undefined {
  if (version === null) return requestErrors.missingApiVersion();
  const isSupported = isKnownApiVersion(version) && isApiVersionSince(latest, version);
  return isSupported ? undefined : requestErrors.unknownApiVersion(version, latest);
}

interface Route {
  path: string;
  methods: Methods | undefined;
  name: string | undefined;
  version: string | undefined;
}

function routeOf(method: string, path: string): Route {
  const segments = segmentsOf(path);
  const [root = '', name, tail] = segments;
  if (method === 'POST' && segments.join('/') === 'secrets/restore') {
    return { path, methods: routes['secrets/restore'], name: undefined, version: undefined };
  }
  const fixed = segments.length === 3 ? routes[`${root}/n/${tail}`] : undefined;
  const shape = [root, `${root}/n`, `${root}/n/v`, `${root}/n/v/use`][segments.length - 1] ?? '';
  const version = fixed === undefined ? tail : undefined;
  return { path, methods: fixed ?? routes[shape], name, version };
}

/** The operation, or why there is none: names are judged before methods, and an empty one has none. */
function resolve(route: Route, method: string, apiVersion: string): Operation | VaultError {
  const { name, methods, path } = route;
  if (name === '') return requestErrors.methodNotAllowed(method);
  if (name !== undefined && !namePattern.test(name)) return requestErrors.invalidName(name);
  if (methods === undefined) return requestErrors.notServed(path);
  const operation = methods[method];
  if (operation === undefined) return requestErrors.methodNotAllowed(method);
  const isKnown = isApiVersionSince(apiVersion, since[operation] ?? apiVersion);
  return isKnown ? operation : requestErrors.methodNotAllowed(method);
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
