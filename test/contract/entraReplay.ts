import { SignJWT } from 'jose';

import { at, clientSecret, type Reply, type StandInWorld } from '../support/standInWorld.ts';
import type { TokenIssuer } from '../support/tokenIssuer.ts';
import type { EntraFaults } from '../testbed/azure/faults.ts';
import { found, messageOf, type Exchange, type Recording } from './recording.ts';

const defaultTenant = 'recorded-tenant';
const subject = 'system:serviceaccount:recorded:recorded';

/**
 * Entra ID's part of a recording. The recorders removed what proves an identity, so the proof is
 * made anew, right or wrong as the answer says.
 */
export async function replayEntra(
  world: StandInWorld,
  issuer: TokenIssuer,
  { exchanges }: Recording,
): Promise<Map<string, Reply>> {
  const replies = new Map<string, Reply>();
  for (const exchange of exchanges) {
    const replay = { world, issuer, message: messageOf(exchange) };
    replies.set(exchange.id, await send(replay, exchange));
  }
  return replies;
}

interface Replay {
  world: StandInWorld;
  issuer: TokenIssuer;
  message: string;
}

async function send(replay: Replay, exchange: Exchange): Promise<Reply> {
  const { world, message } = replay;
  const { method, path } = exchange.request;
  const { tenant, rest } = pathParts(path);
  const code = Number(found(/^AADSTS(\d+)/, message) ?? 0);
  await world.admin('PUT /entra/faults', faultsFor(exchange, code));
  const isUnknown = code === 90002 || code === 900023;
  if (!isUnknown) await addTenant(world, tenant, exchange);
  if (method !== 'POST') return world.entra(asked(rest, exchange), undefined, tenant);
  const form = isUnknown ? { client_id: 'c' } : await formFor(replay, exchange, { tenant, code });
  return world.entra(rest, form, tenant);
}

function addTenant(world: StandInWorld, tenantId: string, exchange: Exchange): Promise<Reply> {
  const displayName = tenantNameIn(messageOf(exchange));
  const regionScope = at(exchange.response.body, 'tenant_region_scope');
  return world.admin('POST /tenants', { tenantId, displayName, regionScope });
}

function pathParts(path: string): { tenant: string; rest: string } {
  const [, tenant = '', rest = ''] = /^\/([^/]*)(\/.*)$/.exec(path) ?? [];
  return { tenant: tenant === '' || tenant === '{tenant}' ? defaultTenant : tenant, rest };
}

/** The name that a refusal prints, where it prints one. */
export function tenantNameIn(message: string): string | undefined {
  return (
    found(/was not found in the directory '([^']+)'/, message) ??
    found(/was not found in the tenant named (.+?)\. {1,2}This can happen/, message)
  );
}

/** Some recordings lack the query of instance discovery; the answer tells what it was. */
function asked(path: string, { response }: Exchange): string {
  const endpoint = String(at(response.body, 'tenant_discovery_endpoint'));
  const [, tenant] = /^https:\/\/[^/]+\/([^/]+)\//.exec(endpoint) ?? [];
  if (tenant === undefined || path.includes('authorization_endpoint')) return path;
  return `${path}?authorization_endpoint=https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`;
}

type Form = Record<string, string>;

async function formFor(
  replay: Replay,
  exchange: Exchange,
  { tenant: tenantId, code }: { tenant: string; code: number },
): Promise<Form> {
  const { message } = replay;
  const clientId =
    found(/(?:app(?:lication)? (?:Id |with identifier )?)'([^']+)'/i, message) ??
    'c0000000-0000-4000-8000-000000000000';
  if (code !== 700016) await addClient(replay, { tenantId, clientId, code });
  const { body } = exchange.request;
  const hasSecret = typeof body === 'string' && body.includes('client_secret=');
  return {
    grant_type: code === 70003 ? 'password' : 'client_credentials',
    client_id: clientId,
    scope: scopeIn(message),
    ...(await proofFor(replay, { code, clientId, hasSecret })),
  };
}

function faultsFor({ response }: Exchange, code: number): EntraFaults {
  const lifeSeconds = at(response.body, 'expires_in');
  const wordingOf = dayOf({ response }) ?? (code === 70021 ? '2023-01-19' : undefined);
  return {
    ...(typeof lifeSeconds === 'number' ? { tokenLifeSeconds: lifeSeconds } : {}),
    ...(wordingOf === undefined ? {} : { wordingOf }),
    ...(code === 53003 ? { conditionalAccess: true } : {}),
  };
}

/** The day on which Entra ID refused, as its answer says. */
export function dayOf({ response }: Pick<Exchange, 'response'>): string | undefined {
  return found(/^(\d{4}-\d{2}-\d{2}) /, String(at(response.body, 'timestamp')));
}

/** The scope that a refusal prints, else Key Vault's. */
function scopeIn(message: string): string {
  const resource = found(/resource principal named (\S+) was/, message);
  const scope = resource === undefined ? undefined : `${resource}/.default`;
  return scope ?? found(/value for scope (\S+) is/, message) ?? 'https://vault.azure.net/.default';
}

async function addClient(
  { world, issuer, message }: Replay,
  { tenantId, clientId, code }: { tenantId: string; clientId: string; code: number },
): Promise<void> {
  const expiresAtMs = code === 7000222 ? 0 : world.clock.nowMs + 86_400_000;
  await world.admin('POST /applications', {
    clientId,
    tenantId,
    displayName: found(/\(([^)]*)\) is disabled/, message),
    clientSecrets: [{ value: clientSecret, expiresAtMs }],
  });
  if (code === 7000112) await world.admin(`PATCH /applications/${clientId}`, { disabled: true });
  const credential = { clientId, issuer: issuer.access.issuer };
  const known = code === 7002138 ? presented('subject', message).toUpperCase() : subject;
  await world.admin('POST /federatedCredentials', { ...credential, subject: known });
}

interface Proof {
  code: number;
  clientId: string;
  hasSecret: boolean;
}

async function proofFor(replay: Replay, proof: Proof): Promise<Form> {
  const { code, clientId, hasSecret } = proof;
  if (code === 7000218) return {};
  if (code === 7000215) return { client_secret: 'wrong' };
  if (code === 7000222 || hasSecret) return { client_secret: clientSecret };
  const assertion = assertions[code] ?? (({ issuer }) => issuer.sign(subject));
  return { client_assertion: await assertion(replay, clientId) };
}

const presented = (what: string, message: string): string =>
  found(new RegExp(`assertion ${what}:? '([^']+)'`, 'i'), message) ?? '';

/** Assertions that are wrong in what the code says. */
const assertions: Readonly<
  Record<number, (replay: Replay, clientId: string) => Promise<string> | string>
> = {
  50027: () => 'malformed',
  50166: async ({ issuer, world }, clientId) => {
    const deaf = 'https://deaf.test.example';
    await world.admin('POST /issuers', { issuer: deaf, address: '127.0.0.1:1' });
    await world.admin('POST /federatedCredentials', { clientId, issuer: deaf, subject });
    return issuer.sign(subject, { iss: deaf });
  },
  700027: ({ message }, clientId) =>
    ownAssertion(clientId, found(/used by client: '([^']+)'/, message) ?? ''),
  700021: () => ownAssertion('another', 'x'),
  700024: ({ issuer, world }) =>
    issuer.sign(subject, { exp: Math.floor(world.clock.nowMs / 1000) - 1 }),
  70021: ({ issuer, message }) =>
    issuer.sign(presented('subject', message), {
      iss: presented('issuer', message),
      aud: presented('audience', message),
    }),
  700211: ({ issuer, message }) => issuer.sign(subject, { iss: presented('issuer', message) }),
  700212: ({ issuer, message }) => issuer.sign(subject, { aud: presented('audience', message) }),
  700213: ({ issuer, message }) => issuer.sign(presented('subject', message)),
  7002138: ({ issuer, message }) => issuer.sign(presented('subject', message)),
};

/** Signed by the application itself, with a certificate that nobody registered. */
function ownAssertion(clientId: string, kid: string): Promise<string> {
  return new SignJWT({ iss: clientId, sub: clientId, aud: 'https://login.microsoftonline.com' })
    .setProtectedHeader({ alg: 'HS256', kid })
    .sign(new TextEncoder().encode('a key that nobody knows, of 32 bytes'));
}
