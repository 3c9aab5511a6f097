import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type Reply } from '../support/standInWorld.ts';
import { startIssuer, type TokenIssuer } from '../support/tokenIssuer.ts';
import { differencesSchema, explains } from './differences.ts';
import { replayEntra } from './entraReplay.ts';
import { replayHost } from './hostReplay.ts';
import { differenceOf } from './likeness.ts';
import {
  readRecordings,
  serviceOf,
  type Exchange,
  type Recording,
  type Service,
} from './recording.ts';
import { replayVault, type ReplayWorld } from './vaultReplay.ts';

const folder = join(import.meta.dirname, 'recorded');
const listed = differencesSchema.parse(
  JSON.parse(readFileSync(join(folder, 'differences.json'), 'utf8')),
);
const recordings = readRecordings(folder).map(withoutUnanswered);

let world: ReplayWorld;
let issuer: TokenIssuer;
/** By id of the exchange. An error stands for what could not be replayed. */
const replayed = new Map<string, { exchange: Exchange; reply: Reply | Error }>();

beforeAll(async () => {
  const nextVersionIds: string[] = [];
  const newVersionId = (): string => nextVersionIds.shift() ?? randomBytes(16).toString('hex');
  world = { ...(await startWorld({ newVersionId })), nextVersionIds };
  issuer = await startIssuer(() => world.clock.nowMs);
  await world.admin('POST /issuers', issuer.access);
  for (const recording of recordings) {
    for (const service of ['vault', 'entra', 'host'] as const) {
      await replayPart(recording, service);
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

async function replayPart({ sequence, exchanges }: Recording, service: Service): Promise<void> {
  const part = { sequence, exchanges: exchanges.filter((one) => serviceOf(one) === service) };
  if (part.exchanges.length === 0) return;
  const replies = await repliesTo(part, service).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  for (const exchange of part.exchanges) {
    const reply = replies instanceof Error ? replies : replies.get(exchange.id);
    replayed.set(exchange.id, { exchange, reply: reply ?? new Error('no reply') });
  }
}

function repliesTo(part: Recording, service: Service): Promise<Map<string, Reply>> {
  if (service === 'vault') return replayVault(world, part);
  return service === 'entra' ? replayEntra(world, issuer, part) : replayHost(world, part);
}

/** In what the replies differ, by id; those that are alike are not there. */
function differences(): Map<string, string> {
  const found = [...replayed].map(([id, { exchange, reply }]) => [
    id,
    reply instanceof Error
      ? `could not be replayed: ${reply.message}`
      : differenceOf(exchange, reply),
  ]);
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

test('at least 95 of 100 recorded exchanges are alike', () => {
  const alike = replayed.size - differences().size;

  console.log(`stand-in conformance: ${alike} of ${replayed.size} recorded exchanges alike`);

  expect(replayed.size).toBeGreaterThan(0);
  expect(alike / replayed.size).toBeGreaterThanOrEqual(0.95);
});

test('no exchange differs but for a reason that is listed', () => {
  const isListed = (id: string): boolean => listed.some((one) => one.id === id);

  expect([...differences()].filter(([id]) => !isListed(id))).toEqual([]);
});

test('every reason that is listed is the one and only reason of a difference', () => {
  const isTrue = ({ id, reason }: (typeof listed)[number]): boolean => {
    const found = replayed.get(id);
    return (
      found !== undefined &&
      !(found.reply instanceof Error) &&
      explains(reason, found.exchange, found.reply)
    );
  };

  expect(listed.filter((one) => !isTrue(one))).toEqual([]);
});
