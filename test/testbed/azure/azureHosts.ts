import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerRegistry, isRegistryHost, registryAt } from './registryHosts.ts';
import { directoryOf } from './entraDirectory.ts';
import { answerEntra } from './entraRoutes.ts';
import { nextInterruption } from './faults.ts';
import { headerOf, type Answer } from './httpAnswer.ts';
import { conclude, type Outcome } from './outcome.ts';
import { answerResource, isResourceHost } from './resourceHosts.ts';
import { vaultHost } from './secretBundles.ts';
import type { StandInCloud } from './standInClouds.ts';
import type { StandInState } from './standInState.ts';
import { answerVault } from './vaultRoutes.ts';
import type { Vault } from './vaultStore.ts';

export interface HostOptions {
  entraLatencyMs: number;
  vaultLatencyMs: number;
  log: (line: string) => void;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What the stand-in serves under a host name, if anything. */
export function serviceAt(
  state: StandInState,
  host: string,
): 'entra' | 'vault' | 'registry' | 'resource' | undefined {
  if (state.clouds.ofAuthority(host) !== undefined) return 'entra';
  if (isResourceHost(host)) return 'resource';
  if (registryAt(state, host) !== undefined) return 'registry';
  return vaultAt(state, host) === undefined ? undefined : 'vault';
}

export function isAzureHost({ clouds }: StandInState, host: string): boolean {
  return (
    clouds.ofAuthority(host) !== undefined ||
    clouds.hasVault(host) ||
    isRegistryHost(host) ||
    isResourceHost(host)
  );
}

export function vaultAt({ vaults }: StandInState, host: string): Vault | undefined {
  const vault = vaults.get(host.split('.', 1)[0] ?? '');
  return vault !== undefined && vaultHost(vault) === host ? vault : undefined;
}

/** Routes by Host header, as the public names do; an unknown vault has no address, so: no answer. */
export function createAzureHandler(state: StandInState, options: HostOptions): Handler {
  return (request, response) => {
    const host = (headerOf(request, 'host') ?? '').split(':')[0]?.toLowerCase() ?? '';
    const service = serviceBehind(state, options, host);
    if (service === undefined) {
      response.socket?.destroy();
      return;
    }
    service.answer(request).then(
      (outcome) => conclude(response, outcome, service.latencyMs),
      (error: unknown) => {
        options.log(`stand-in failed on ${request.method} ${host}${request.url}: ${String(error)}`);
        response.socket?.destroy();
      },
    );
  };
}

interface Service {
  latencyMs: number;
  answer: (request: IncomingMessage) => Promise<Outcome>;
}

function serviceBehind(
  state: StandInState,
  options: HostOptions,
  host: string,
): Service | undefined {
  const cloud = state.clouds.ofAuthority(host);
  if (cloud !== undefined) {
    return {
      latencyMs: state.entraFaults.latencyMs ?? options.entraLatencyMs,
      answer: (request) => entraOutcome(state, cloud, options, request),
    };
  }
  if (isResourceHost(host))
    return { latencyMs: 0, answer: async (request) => answerResource(state, host, request) };
  const registry = registryAt(state, host);
  if (registry !== undefined)
    return { latencyMs: 0, answer: (request) => answerRegistry(state, registry, request) };
  const vault = vaultAt(state, host);
  return (
    vault && {
      latencyMs: vault.faults.latencyMs ?? options.vaultLatencyMs,
      answer: (request) => answerVault(state, vault, request),
    }
  );
}

async function entraOutcome(
  state: StandInState,
  cloud: StandInCloud,
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
      return answerEntra(
        {
          ...state,
          directory: directoryOf(state.directory, cloud.name),
          cloud,
          faults: () => state.entraFaults,
          log,
        },
        request,
      );
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
