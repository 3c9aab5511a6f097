import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AdminCall } from './adminCall.ts';
import { directoryCalls } from './adminDirectoryCalls.ts';
import { faultCalls } from './adminFaultCalls.ts';
import { AdminError } from './adminInput.ts';
import { registryCalls } from './adminRegistryCalls.ts';
import { vaultCalls } from './adminVaultCalls.ts';
import { readBody, send, type Answer } from './httpAnswer.ts';
import type { StandInState } from './standInState.ts';

/** Every call of the admin API. */
export const adminCalls: readonly AdminCall[] = [
  {
    method: 'GET',
    path: '/',
    description: 'Lists these calls.',
    run: () => adminCalls.map(({ run: _run, ...call }) => call),
  },
  ...directoryCalls,
  ...vaultCalls,
  ...registryCalls,
  ...faultCalls,
];

/** Plain JSON over HTTP without any authentication: it listens on loopback only. */
export function createAdminHandler(
  state: StandInState,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(state, request).then(
      (result) => send(response, result),
      (error: unknown) => send(response, failure(error)),
    );
  };
}

async function answer(state: StandInState, request: IncomingMessage): Promise<Answer> {
  const text = await readBody(request);
  const path = new URL(request.url ?? '/', 'http://admin').pathname;
  const found = findCall(request.method ?? 'GET', path);
  if (found === undefined) {
    throw new AdminError(404, `There is no call ${request.method} ${path}; GET / lists all.`);
  }
  const param = (name: string): string => found.params.get(name) ?? '';
  const body = found.call.run({ state, param, body: parseJson(text) });
  return body === undefined ? { status: 204 } : { status: 200, body };
}

function findCall(
  method: string,
  path: string,
): { call: AdminCall; params: Map<string, string> } | undefined {
  const segments = path.split('/').map(decodeURIComponent);
  for (const call of adminCalls) {
    const params = call.method === method ? matchPath(call.path.split('/'), segments) : undefined;
    if (params !== undefined) return { call, params };
  }
  return undefined;
}

function matchPath(
  pattern: readonly string[],
  segments: readonly string[],
): Map<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params = new Map<string, string>();
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params.set(part.slice(1), segment);
    else if (part !== segment) return undefined;
  }
  return params;
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AdminError(400, 'The body is not JSON.');
  }
}

function failure(error: unknown): Answer {
  const status = error instanceof AdminError ? error.status : 500;
  return { status, body: { error: error instanceof Error ? error.message : String(error) } };
}
