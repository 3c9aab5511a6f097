import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** One recorded exchange; the fields are explained beside the recordings. */
const exchangeSchema = z.object({
  id: z.string(),
  sequence: z.string(),
  step: z.number(),
  kind: z.string(),
  evidence: z.string(),
  note: z.string().optional(),
  request: z.object({
    method: z.string(),
    host: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
  response: z.object({
    status: z.number().nullable(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
});

export type Exchange = z.infer<typeof exchangeSchema>;

/** Exchanges of one recording, in order. */
export interface Recording {
  sequence: string;
  exchanges: Exchange[];
}

/** Every `*.jsonl` in the folder: further recordings need only be put there. */
export function readRecordings(folder: string): Recording[] {
  const recordings = new Map<string, Exchange[]>();
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      if (line.trim() === '') continue;
      const exchange = exchangeSchema.parse(JSON.parse(line));
      const known = recordings.get(exchange.sequence) ?? [];
      recordings.set(exchange.sequence, [...known, exchange]);
    }
  }
  return [...recordings].map(([sequence, exchanges]) => ({
    sequence,
    exchanges: repaired(exchanges.toSorted((a, b) => a.step - b.step)),
  }));
}

/** A recorder that replaced the word `tenant` by an id, inside other words too, is undone. */
function repaired(exchanges: Exchange[]): Exchange[] {
  const text = JSON.stringify(exchanges);
  const replacement = /"([-\w]+)_discovery_endpoint"/.exec(text)?.[1];
  if (replacement === undefined || replacement === 'tenant') return exchanges;
  return z.array(exchangeSchema).parse(JSON.parse(text.replaceAll(replacement, 'tenant')));
}

export type Service = 'vault' | 'entra' | 'host';

export function serviceOf({ request }: Exchange): Service {
  if (/^\/+(secrets|deletedsecrets|keys|certificates)\b/.test(request.path)) return 'vault';
  return /oauth2\/(v2\.0\/)?token|\.well-known|discovery\//.test(request.path) &&
    !request.path.startsWith('/metadata/')
    ? 'entra'
    : 'host';
}

/** The text in which a refusal says what was wrong, or nothing. */
export function messageOf({ response }: Exchange): string {
  const body = response.body;
  if (typeof body !== 'object' || body === null) return '';
  if ('error_description' in body) return String(body.error_description);
  const error: unknown = 'error' in body ? body.error : undefined;
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage ? String(error.message) : '';
}

/** First group of a pattern in a text. */
export function found(pattern: RegExp, text: string): string | undefined {
  return pattern.exec(text)?.[1];
}
