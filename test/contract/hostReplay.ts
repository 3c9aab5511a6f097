import { readFile } from 'node:fs/promises';

import { at, type Reply, type StandInWorld } from '../support/standInWorld.ts';
import { differenceOf } from './likeness.ts';
import type { Exchange, Recording } from './recording.ts';

/** The part of a recording that a host answers: IMDS, App Service, Azure ML, Arc. */
export async function replayHost(
  world: StandInWorld,
  { exchanges }: Recording,
): Promise<Map<string, string | undefined>> {
  const differences = new Map<string, string | undefined>();
  let challenge: Reply | undefined;
  for (const exchange of exchanges) {
    await removeIdentities(world);
    if (exchange.response.status === 200) await addIdentity(world, exchange);
    const reply = await world.imds(pathOf(exchange), await headersOf(exchange, challenge));
    differences.set(exchange.id, differenceOf(exchange, reply));
    challenge = reply;
  }
  return differences;
}

/** Placeholders that recorders put in may not match what stands in the answer: that is believed. */
function pathOf({ request, response }: Exchange): string {
  const resource = at(response.body, 'resource');
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

async function removeIdentities(world: StandInWorld): Promise<void> {
  const { body } = await world.admin('GET /applications');
  for (const application of Array.isArray(body) ? body : []) {
    if (at(application, 'kind') === 'application') continue;
    await world.admin(`DELETE /applications/${String(at(application, 'clientId'))}`);
  }
}

async function addIdentity(world: StandInWorld, { request }: Exchange): Promise<void> {
  const query = new URL(request.path, 'http://host').searchParams;
  const clientId = query.get('client_id') ?? query.get('clientid');
  const objectId = query.get('object_id') ?? query.get('principal_id');
  const resourceId = query.get('mi_res_id') ?? query.get('msi_res_id');
  await world.admin('POST /applications', {
    clientId: clientId ?? undefined,
    objectId: objectId ?? undefined,
    resourceId: resourceId ?? undefined,
    kind: (clientId ?? objectId ?? resourceId) ? 'userAssignedIdentity' : 'systemAssignedIdentity',
  });
}
