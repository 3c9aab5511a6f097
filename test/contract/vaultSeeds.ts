import { at } from '../support/standInWorld.ts';
import type { Exchange, Recording } from './recording.ts';

/** A secret that was in the vault before the recording began, as far as its answers show it. */
export interface Seed {
  name: string;
  version: string | undefined;
  isDeleted: boolean;
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

/** What answers show or presuppose without an earlier request of the recording having made it. */
export function seedsOf({ exchanges }: Recording): Seed[] {
  const seeds: Seed[] = [];
  const made = new Set<string>();
  const isNamed = (name: string): boolean => seeds.some((seed) => isSame(seed.name, name));
  for (const exchange of exchanges) {
    // Versions of one secret are seeds of their own; any other answer shows what is known already.
    const isOfVersions = exchange.request.path.includes('/versions');
    const shown = shownBy(exchange).filter(({ name }) => !made.has(name.toLowerCase()));
    seeds.push(...shown.filter(({ name }) => isOfVersions || !isNamed(name)));
    const name = madeBy(exchange);
    if (name !== undefined) made.add(name.toLowerCase());
  }
  const behind = behindLinks(exchanges).filter(({ name }) => !made.has(name.toLowerCase()));
  seeds.push(...behind.filter(({ name }) => !isNamed(name)));
  return withoutDoubles(seeds).sort((a, b) => Number(a.input.created) - Number(b.input.created));
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function withoutDoubles(seeds: readonly Seed[]): Seed[] {
  const byId = seeds.map((seed) => [`${seed.name.toLowerCase()}/${seed.version}`, seed] as const);
  return [...new Map(byId.toReversed()).values()].toReversed();
}

const namePattern = /^\/(?:secrets|certificates|deletedsecrets)\/([^/?]+)/;

function madeBy({ request, response }: Exchange): string | undefined {
  const isMade =
    response.status !== null &&
    response.status < 300 &&
    ((request.method === 'PUT' && request.path.startsWith('/secrets/')) ||
      /^\/certificates\/[^/]+\/create/.test(request.path));
  return isMade ? namePattern.exec(request.path)?.[1] : undefined;
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
  [/SecretManagedByKeyVault/, { input: { value: 'v', managed: true } }],
  [/SecretDisabled|AccessDenied/, { input: { value: 'v', enabled: false } }],
  [/ObjectIsDeletedButRecoverable|ObjectIsBeingDeleted|^purge-204/, { isDeleted: true }],
  [/RequestNotAllowedOnNonDeletedObject|^backup$|^restore-409|^get-400/, {}],
];

const plain = (name: string): Seed => ({
  name,
  version: undefined,
  isDeleted: false,
  input: { value: 'v' },
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
      value: typeof value === 'string' ? value : 'v',
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
