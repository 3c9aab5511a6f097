import { at } from '../support/standInWorld.ts';
import type { Exchange, Recording } from './recording.ts';

/** A version of a secret that was in the vault before the recording began, as far as its answers show it. */
export interface Seed {
  name: string;
  version: string | undefined;
  isDeleted: boolean;
  /** Recovered a moment ago: the vault does not show it yet. */
  isRecovered?: boolean;
  input: {
    value: string;
    contentType?: unknown;
    tags?: unknown;
    enabled?: unknown;
    notBefore?: unknown;
    expires?: unknown;
    created?: unknown;
    managed?: boolean;
  };
}

/** What is known of the beginning of one name. */
interface Beginning {
  /** By version; without any, what is known without one. */
  versions: Map<string, Seed>;
  plain: Seed | undefined;
  isMissedFirst: boolean;
}

/** What answers show or presuppose without an earlier request of the recording having made it. */
export function seedsOf({ exchanges }: Recording): Seed[] {
  const beginnings = new Map<string, Beginning>();
  const made = new Set<string>();
  const restored = new Set<string>();
  const isMade = madeTest(exchanges, made, restored);
  for (const exchange of exchanges) {
    for (const seed of shownBy(exchange)) {
      if (!isMade(seed)) addTo(beginningOf(beginnings, seed.name), seed);
    }
    const missed = missedBy(exchange)?.toLowerCase() ?? '';
    const isFirst = ![made, beginnings].some((names) => names.has(missed));
    if (missed !== '' && isFirst) beginningOf(beginnings, missed).isMissedFirst = true;
    const { name, isRestored } = madeBy(exchange) ?? { name: '', isRestored: false };
    (isRestored ? restored : made).add(name.toLowerCase());
  }
  const isKnown = ({ name }: Seed): boolean =>
    [made, restored, beginnings].some((names) => names.has(name.toLowerCase()));
  const behind = withoutDoubles(behindLinks(exchanges).filter((seed) => !isKnown(seed)));
  return [...[...beginnings.values()].flatMap(seedsFrom), ...behind]
    .map((seed) => withValue(seed, exchanges))
    .sort((one, other) => Number(one.input.created) - Number(other.input.created));
}

/** Is it there because a request of the recording put, created or restored it? */
function madeTest(
  exchanges: readonly Exchange[],
  made: ReadonlySet<string>,
  restored: ReadonlySet<string>,
): (seed: Seed) => boolean {
  const put = exchanges.map(madeBy).filter((one) => one?.isRestored === false);
  const versions = new Set(put.map((one) => one?.version));
  return ({ name, version }) =>
    restored.has(name.toLowerCase()) ||
    (version === undefined ? made.has(name.toLowerCase()) : versions.has(version));
}

function beginningOf(beginnings: Map<string, Beginning>, name: string): Beginning {
  const known = beginnings.get(name.toLowerCase());
  const beginning = known ?? { versions: new Map(), plain: undefined, isMissedFirst: false };
  beginnings.set(name.toLowerCase(), beginning);
  return beginning;
}

/** What was shown first counts: later answers may show what the recording has changed. */
function addTo(beginning: Beginning, seed: Seed): void {
  if (seed.version === undefined) {
    if (beginning.versions.size === 0) beginning.plain ??= seed;
  } else if (!beginning.versions.has(seed.version)) {
    beginning.versions.set(seed.version, seed);
  }
}

function seedsFrom({ versions, plain, isMissedFirst }: Beginning): Seed[] {
  const [first] = versions.values();
  if (first === undefined) return plain === undefined ? [] : [plain];
  const { isDeleted } = plain ?? first;
  const isRecovered = isMissedFirst && !isDeleted;
  const { enabled } = plain?.input ?? {};
  return [...versions.values()].map((seed) => ({
    ...seed,
    isDeleted,
    isRecovered,
    input: { ...seed.input, ...(enabled === undefined ? {} : { enabled }) },
  }));
}

function withoutDoubles(seeds: readonly Seed[]): Seed[] {
  return [...new Map(seeds.map((seed) => [seed.name.toLowerCase(), seed])).values()];
}

/** A value that any answer shows is that of the seed. */
function withValue(seed: Seed, exchanges: readonly Exchange[]): Seed {
  if (seed.input.value !== unknownValue) return seed;
  const id = `/secrets/${seed.name}${seed.version === undefined ? '' : `/${seed.version}`}`;
  const shown = exchanges
    .filter(({ response }) => String(at(response.body, 'id')).includes(id))
    .map(({ response }) => at(response.body, 'value'))
    .find((value) => typeof value === 'string');
  return typeof shown === 'string' ? { ...seed, input: { ...seed.input, value: shown } } : seed;
}

const unknownValue = 'v';
const namePattern = /^\/(?:secrets|certificates|deletedsecrets)\/([^/?]+)/;

function idIn(body: unknown): { shownName: string; version: string | undefined } {
  const id = String(at(body, 'id'));
  const [, shownName = '', version] = /\/secrets\/([^/]+)\/([0-9a-f]{32})$/.exec(id) ?? [];
  return { shownName, version };
}

interface Made {
  name: string;
  version: string | undefined;
  isRestored: boolean;
}

function madeBy({ request, response }: Exchange): Made | undefined {
  const { method, path } = request;
  if ((response.status ?? 500) >= 300) return undefined;
  const { shownName, version } = idIn(response.body);
  if (path.startsWith('/secrets/restore')) return { name: shownName, version, isRestored: true };
  const isPut = method === 'PUT' && path.startsWith('/secrets/');
  const name = namePattern.exec(path)?.[1];
  const isMade = isPut || /^\/certificates\/[^/]+\/create/.test(path);
  return isMade && name !== undefined ? { name, version, isRestored: false } : undefined;
}

/** The name that is read and not found. */
function missedBy({ kind, request }: Exchange): string | undefined {
  const isMissed = /^get(-version)?-404-SecretNotFound/.test(kind);
  return isMissed ? namePattern.exec(request.path)?.[1] : undefined;
}

function shownBy(exchange: Exchange): Seed[] {
  const { request, response } = exchange;
  if (Array.isArray(at(response.body, 'value'))) return listed(exchange);
  const name = namePattern.exec(request.path)?.[1];
  const isOfSecret = name !== undefined && !request.path.startsWith('/certificates/');
  return isOfSecret && madeBy(exchange) === undefined ? shownOf(name, exchange) : [];
}

function shownOf(name: string, { kind, request, response }: Exchange): Seed[] {
  const presupposed = presuppositions.find(([pattern]) => pattern.test(kind))?.[1];
  if (presupposed !== undefined) return [{ ...plain(name), ...presupposed }];
  const isShown = response.status === 200 && typeof at(response.body, 'id') === 'string';
  return isShown ? [seedOf(response.body, name, request.path)] : [];
}

/** Answers without a bundle that say all the same that something is there. */
const presuppositions: readonly (readonly [RegExp, Partial<Seed>])[] = [
  [/^get-deleted-403/, { isDeleted: true, input: { value: unknownValue, enabled: false } }],
  [/SecretManagedByKeyVault/, { input: { value: unknownValue, managed: true } }],
  [/SecretDisabled|AccessDenied/, { input: { value: unknownValue, enabled: false } }],
  [/ObjectIsDeletedButRecoverable|ObjectIsBeingDeleted|^purge-204/, { isDeleted: true }],
  [/RequestNotAllowedOnNonDeletedObject|^backup$|^restore-409|^get-400/, {}],
];

const plain = (name: string): Seed => ({
  name,
  version: undefined,
  isDeleted: false,
  input: { value: unknownValue },
});

function listed({ request, response }: Exchange): Seed[] {
  const items = at(response.body, 'value');
  return (Array.isArray(items) ? items : []).map((item) => seedOf(item, '', request.path));
}

function seedOf(body: unknown, fallback: string, path: string): Seed {
  const [, name = fallback, version] =
    /\/secrets\/([^/]+)(?:\/([0-9a-f]{32}))?$/.exec(String(at(body, 'id'))) ?? [];
  const value = at(body, 'value');
  return {
    name,
    version,
    isDeleted: path.startsWith('/deletedsecrets'),
    input: {
      value: typeof value === 'string' ? value : unknownValue,
      contentType: at(body, 'contentType'),
      tags: at(body, 'tags'),
      enabled: at(body, 'attributes', 'enabled'),
      notBefore: at(body, 'attributes', 'nbf'),
      expires: at(body, 'attributes', 'exp'),
      created: at(body, 'attributes', 'created'),
      ...(at(body, 'managed') === true ? { managed: true } : {}),
    },
  };
}

/** Names to which a link leads: deleted ones where the page behind it was recorded without them. */
function behindLinks(exchanges: readonly Exchange[]): Seed[] {
  return exchanges.flatMap(({ response }) => {
    const token = tokenIn(at(response.body, 'nextLink'));
    const name = token === undefined ? undefined : nameBehind(token);
    if (token === undefined || name === undefined) return [];
    const next = exchanges.find(({ request }) => tokenIn(request.path) === token);
    const page = JSON.stringify(next?.response.body ?? '').toUpperCase();
    return [{ ...plain(name), isDeleted: next !== undefined && !page.includes(`/${name}"`) }];
  });
}

export function tokenIn(url: unknown): string | undefined {
  return /[?&]\$skiptoken=([^&]+)/.exec(String(url))?.[1];
}

function nameBehind(token: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  const encoded = /"NextMarker":"2!\d+!([^"]+)"/.exec(text)?.[1] ?? '';
  const marker = Buffer.from(encoded.replaceAll('-', '='), 'base64').toString();
  return /!secret\/([^/!]+)/.exec(marker)?.[1];
}
