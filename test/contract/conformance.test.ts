import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { startWorld } from '../support/standInWorld.ts';
import { startIssuer, type TokenIssuer } from '../support/tokenIssuer.ts';
import { replayEntra } from './entraReplay.ts';
import { replayHost } from './hostReplay.ts';
import { readRecordings, serviceOf, type Recording, type Service } from './recording.ts';
import { replayVault, type ReplayWorld } from './vaultReplay.ts';

const folder = join(import.meta.dirname, 'recorded');
const listed = z
  .array(z.strictObject({ id: z.string(), reason: z.string() }))
  .parse(JSON.parse(readFileSync(join(folder, 'differences.json'), 'utf8')));
const recordings = readRecordings(folder).map(withoutUnanswered);

let world: ReplayWorld;
let issuer: TokenIssuer;
/** By id of the exchange: in what the stand-in's answer differs, or undefined where it is alike. */
const differences = new Map<string, string | undefined>();

beforeAll(async () => {
  const nextVersionIds: string[] = [];
  const newVersionId = (): string => nextVersionIds.shift() ?? randomBytes(16).toString('hex');
  world = { ...(await startWorld({ newVersionId })), nextVersionIds };
  issuer = await startIssuer(() => world.clock.nowMs);
  await world.admin('POST /issuers', issuer.access);
  for (const recording of recordings) {
    for (const service of ['vault', 'entra', 'host'] as const) {
      for (const [id, difference] of await replayPart(recording, service)) {
        differences.set(id, difference);
      }
    }
  }
}, 60_000);
afterAll(async () => {
  await world.close();
  await issuer.close();
});

function withoutUnanswered({ sequence, exchanges }: Recording): Recording {
  return { sequence, exchanges: exchanges.filter(({ response }) => response.status !== null) };
}

async function replayPart(
  { sequence, exchanges }: Recording,
  service: Service,
): Promise<Map<string, string | undefined>> {
  const part = { sequence, exchanges: exchanges.filter((one) => serviceOf(one) === service) };
  if (part.exchanges.length === 0) return new Map();
  try {
    if (service === 'vault') return await replayVault(world, part);
    return service === 'entra'
      ? await replayEntra(world, issuer, part)
      : await replayHost(world, part);
  } catch (error) {
    return new Map(part.exchanges.map(({ id }) => [id, `could not be replayed: ${String(error)}`]));
  }
}

test('at least 95 of 100 recorded exchanges are alike', () => {
  const alike = [...differences.values()].filter((difference) => difference === undefined).length;

  console.log(`stand-in conformance: ${alike} of ${differences.size} recorded exchanges alike`);

  expect(differences.size).toBeGreaterThan(0);
  expect(alike / differences.size).toBeGreaterThanOrEqual(0.95);
});

test('exactly those exchanges differ of which the list says why', () => {
  const differing = [...differences].filter(([, difference]) => difference !== undefined);
  const isListed = (id: string): boolean => listed.some((one) => one.id === id);

  expect(differing.filter(([id]) => !isListed(id))).toEqual([]);
  expect(listed.filter(({ id }) => differences.get(id) === undefined)).toEqual([]);
});
