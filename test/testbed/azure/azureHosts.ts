import type { IncomingMessage, ServerResponse } from 'node:http';
import { entraHosts } from './entraDocuments.ts';
import { answerEntra } from './entraRoutes.ts';
import { nextInterruption } from './faults.ts';
import { headerOf, send, type Answer } from './httpAnswer.ts';
import type { StandInState } from './standInState.ts';
import { answerVault, type Outcome } from './vaultRoutes.ts';

export interface HostOptions {
  entraLatencyMs: number;
  vaultLatencyMs: number;
  log: (line: string) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const vaultSuffix = '.vault.azure.net';

/** What the stand-in serves under a host name, if anything. */
export function serviceAt(state: StandInState, host: string): 'entra' | 'vault' | undefined {
  if (entraHosts.has(host)) return 'entra';
  return host.endsWith(vaultSuffix) && state.vaults.has(vaultName(host)) ? 'vault' : undefined;
}

export function isAzureHost(host: string): boolean {
  return entraHosts.has(host) || host.endsWith(vaultSuffix);
}

const vaultName = (host: string): string => host.slice(0, -vaultSuffix.length);

/** Routes by Host header, as the public names do; an unknown vault has no address, so: no answer. */
export function createAzureHandler(state: StandInState, options: HostOptions): Handler {
  return (request, response) => {
    const host = (headerOf(request, 'host') ?? '').split(':')[0]?.toLowerCase() ?? '';
    const vault = state.vaults.get(vaultName(host));
    const isEntra = entraHosts.has(host);
    const latencyMs = isEntra
      ? (state.entraFaults.latencyMs ?? options.entraLatencyMs)
      : (vault?.faults.latencyMs ?? options.vaultLatencyMs);
    const answering = isEntra
      ? entraOutcome(state, options, request)
      : vault && answerVault(state, vault, request);
    if (answering === undefined) {
      response.socket?.destroy();
      return;
    }
    answering.then(
      (outcome) => after(latencyMs, () => conclude(response, outcome)),
      (error: unknown) => {
        options.log(`stand-in failed on ${request.method} ${host}${request.url}: ${String(error)}`);
        response.socket?.destroy();
      },
    );
  };
}

function after(latencyMs: number, act: () => void): void {
  if (latencyMs > 0) setTimeout(act, latencyMs);
  else act();
}

/** A hanging request stays open until its client or the stand-in goes. */
function conclude(response: ServerResponse, outcome: Outcome): void {
  if (outcome === 'hang') return;
  if (outcome === 'drop') response.socket?.destroy();
  else send(response, outcome);
}

async function entraOutcome(
  state: StandInState,
  { log }: HostOptions,
  request: IncomingMessage,
): Promise<Outcome> {
  const fault = nextInterruption(state.entraFaults);
  switch (fault?.kind) {
    case 'drop':
    case 'hang':
      state.counts.add({ kind: fault.kind, status: 0 });
      return fault.kind;
    case 'status':
    case 'throttled':
      return refuseByFault(state, fault);
    case undefined:
      return answerEntra({ ...state, faults: () => state.entraFaults, log }, request);
  }
}

function refuseByFault(
  state: StandInState,
  fault:
    | { kind: 'status'; status: number }
    | { kind: 'throttled'; retryAfterSeconds?: number | undefined },
): Answer {
  const status = fault.kind === 'status' ? fault.status : 429;
  state.counts.add({ kind: 'token', status });
  const retryAfter = fault.kind === 'throttled' ? fault.retryAfterSeconds : undefined;
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: {
      error: 'temporarily_unavailable',
      error_description: `AADSTS90055: The server is temporarily too busy to handle the request.`,
      error_codes: [90055],
    },
  };
}
