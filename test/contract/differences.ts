import { z } from 'zod';

import { at, type Reply } from '../support/standInWorld.ts';
import { differenceOf } from './likeness.ts';
import type { Exchange } from './recording.ts';

/** Keys and indexes that lead to a value of a body. */
const path = z
  .array(z.union([z.string(), z.number()]))
  .min(1)
  .readonly();

const reasonSchema = z.discriminatedUnion('kind', [
  /** The recorder put something else in the place of what the service sent. */
  z.strictObject({ kind: z.literal('replaced'), path }),
  /** Someone who quotes an answer left something out. */
  z.strictObject({ kind: z.literal('leftOut'), path }),
  /** The text is of an earlier service, which the stand-in does not play: before this day. */
  z.strictObject({ kind: z.literal('earlierText'), until: z.iso.date() }),
]);

/** Exchanges that differ, with the reason and what there is to say about it. */
export const differencesSchema = z.array(
  z.strictObject({ id: z.string(), reason: reasonSchema, note: z.string() }),
);

type Reason = z.infer<typeof reasonSchema>;

/** Is this the reason, and the only one, for which a recorded answer differs from the reply? */
export function explains(reason: Reason, exchange: Exchange, reply: Reply): boolean {
  const wouldDo = (body: unknown): boolean => isAlike(exchange, { ...reply, body });
  return !isAlike(exchange, reply) && wouldDo(bodyBut(reason, exchange, reply));
}

/** The body that we would have sent without the reason; as it is where the reason cannot be one. */
function bodyBut(reason: Reason, exchange: Exchange, { body }: Reply): unknown {
  switch (reason.kind) {
    case 'replaced':
      return withReplaced(reason.path, exchange, body);
    case 'leftOut':
      return withLeftOut(reason.path, exchange, body);
    case 'earlierText':
      return withEarlierText(reason.until, exchange, body);
  }
}

type Path = readonly (string | number)[];

function withReplaced(where: Path, { evidence, response }: Exchange, body: unknown): unknown {
  const recorded = at(response.body, ...where);
  const isReplaced = evidence === 'recorded' && typeof recorded === typeof at(body, ...where);
  return isReplaced ? withValue(body, where, recorded) : body;
}

function withLeftOut(where: Path, { evidence, response }: Exchange, body: unknown): unknown {
  const isLeftOut = evidence === 'documented' && at(response.body, ...where) === undefined;
  return isLeftOut ? withValue(body, where, undefined) : body;
}

function withEarlierText(until: string, { response }: Exchange, body: unknown): unknown {
  const where = textPaths.find((one) => at(body, ...one) !== undefined) ?? [];
  const day = String(at(response.body, 'timestamp')).slice(0, 10);
  return day < until ? withValue(body, where, at(response.body, ...where)) : body;
}

const textPaths = [['error_description'], ['error', 'message']];

const isAlike = (exchange: Exchange, reply: Reply): boolean =>
  differenceOf(exchange, reply) === undefined;

/** A copy with another value at the path; the order of keys stays. */
function withValue(json: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(json)) {
    return json.map((item, index) => (index === key ? withValue(item, rest, value) : item));
  }
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).map(([name, item]) => [
    name,
    name === key ? withValue(item, rest, value) : item,
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}
