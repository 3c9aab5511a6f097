import { readFile } from 'node:fs/promises';

import { at, type Reply, type StandInWorld } from '../support/standInWorld.ts';
import { dayOf, tenantNameIn } from './entraReplay.ts';
import { found, messageOf, type Exchange, type Recording } from './recording.ts';

/** The part of a recording that a host answers: IMDS, App Service, Azure ML, Arc. */
export async function replayHost(
  world: StandInWorld,
  { exchanges }: Recording,
): Promise<Map<string, Reply>> {
  const replies = new Map<string, Reply>();
  let challenge: Reply | undefined;
  for (const exchange of exchanges) {
    await removeIdentities(world);
    await setScene(world, exchange);
    const reply = await world.imds(pathOf(exchange), await headersOf(exchange, challenge));
    replies.set(exchange.id, reply);
    challenge = reply;
  }
  return replies;
}

/** Placeholders that recorders put in may not match what stands in the answer: that is believed. */
function pathOf(exchange: Exchange): string {
  const { request, response } = exchange;
  const named = /(?:resource principal|application) named (\S+) was not/;
  const resource = found(named, messageOf(exchange)) ?? at(response.body, 'resource');
  if (typeof resource !== 'string') return request.path;
  return request.path.replace(/(?<=[?&]resource=)[^&]*/, encodeURIComponent(resource));
}

async function headersOf(
  { request }: Exchange,
  challenge: Reply | undefined,
): Promise<Record<string, string>> {
  const sent = Object.entries(request.headers).filter(([, value]) => value !== 'absent');
  const headers = Object.fromEntries(
    sent.map(([name, value]) => [name, value === 'present' ? 'x' : value]),
  );
  if (headers['authorization']?.startsWith('Basic ') !== true) return headers;
  const file = String(challenge?.headers['www-authenticate']).replace('Basic realm=', '');
  return { ...headers, authorization: `Basic ${await readFile(file, 'utf8')}` };
}

/** What makes a host answer so: identities that it has, errors of the documentation, a failure. */
async function setScene(world: StandInWorld, exchange: Exchange): Promise<void> {
  const { status, body } = exchange.response;
  const message = messageOf(exchange);
  const documentedErrors = /^AADSTS50001:|^Unknown Source/.test(message) || isOfTable(body);
  const text = String(at(body, 'message'));
  const appServiceText = appServiceTexts.find(([start]) => text.startsWith(start))?.[1];
  await world.admin('PUT /imds/faults', {
    documentedErrors,
    ...(appServiceText === undefined ? {} : { appServiceText }),
    ...(status === 500 ? { status } : {}),
  });
  const wordingOf = dayOf(exchange);
  await world.admin('PUT /entra/faults', wordingOf === undefined ? {} : { wordingOf });
  const isRefusedByEntra = message.startsWith('AADSTS');
  if (status === 200 || isRefusedByEntra) await addIdentity(world, exchange);
  if (message.startsWith('Multiple user assigned identities')) {
    const kind = 'userAssignedIdentity';
    await world.admin('POST /applications', [{ kind }, { kind }]);
  }
}

const appServiceTexts = [
  ['No User Assigned', 'noUserAssigned'],
  ['Unable to load', 'notLoaded'],
  ['No MSI found', 'noMsi'],
] as const;

const isOfTable = (body: unknown): boolean => at(body, 'error') === 'bad_request_102';

async function removeIdentities(world: StandInWorld): Promise<void> {
  const { body } = await world.admin('GET /applications');
  for (const application of Array.isArray(body) ? body : []) {
    if (at(application, 'kind') === 'application') continue;
    await world.admin(`DELETE /applications/${String(at(application, 'clientId'))}`);
  }
}

async function addIdentity(world: StandInWorld, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const displayName = tenantNameIn(messageOf(exchange));
  const { tenantId } = world.standIn;
  await world.admin('POST /tenants', { tenantId, displayName: displayName ?? tenantId });
  const query = new URL(request.path, 'http://host').searchParams;
  const named = (...names: string[]): string | undefined =>
    names.map((name) => query.get(name)).find((value) => value !== null) ?? undefined;
  const ids = {
    clientId: named('client_id', 'clientid'),
    objectId: named('object_id', 'principal_id'),
    resourceId: named('mi_res_id', 'msi_res_id'),
  };
  const isNamed = Object.values(ids).some((id) => id !== undefined);
  const kind = isNamed ? 'userAssignedIdentity' : 'systemAssignedIdentity';
  await world.admin('POST /applications', { ...ids, kind });
}
