import type { IncomingMessage } from 'node:http';
import { nextInterruption, type HostFaults } from './faults.ts';
import { appServiceFailure, imdsFailure } from './hostErrors.ts';
import { answerAppService, answerArc, answerAzureMl } from './hostTokenEndpoints.ts';
import type { HostTokenAnswer, HostTokenDeps } from './hostTokens.ts';
import { answerInstanceMetadata } from './imds.ts';
import type { Outcome } from './outcome.ts';
import type { RequestCounts } from './requestCounts.ts';

export interface HostDeps extends HostTokenDeps {
  counts: RequestCounts;
}

type Endpoint = (
  deps: HostTokenDeps,
  request: IncomingMessage,
  query: URLSearchParams,
) => HostTokenAnswer;

const imdsPath = '/metadata/identity/oauth2/token';

/** Hosts other than virtual machines, by the api-version that only they know; paths differ by host. */
const otherHosts: ReadonlyMap<string, Endpoint> = new Map([
  ['2017-09-01', answerAzureMl],
  ['2019-08-01', answerAppService],
  ['2019-11-01', answerArc],
  ['2020-06-01', answerArc],
]);

/** The token endpoints of hosts: instance metadata (also the old NMI's), App Service, Azure ML, Arc. */
export function answerHost(deps: HostDeps, request: IncomingMessage): Outcome {
  const fault = nextInterruption(deps.faults());
  if (fault?.kind === 'drop' || fault?.kind === 'hang') {
    deps.counts.add({ kind: fault.kind, status: 0 });
    return fault.kind;
  }
  const { clientId, ...answer } =
    fault === undefined
      ? (podIdentity(deps) ?? answerToken(deps, request))
      : faulty(request, fault);
  deps.counts.add({ kind: 'imdsToken', status: answer.status, clientId });
  return answer;
}

/** The bodies of 404, 410, 429 and of other 5xx are not documented; clients go by the status. */
function faulty(
  request: IncomingMessage,
  fault:
    | { kind: 'status'; status: number }
    | { kind: 'throttled'; retryAfterSeconds: number | undefined },
): HostTokenAnswer {
  if (fault.kind === 'status' && fault.status === 500) return failureOf(request);
  if (fault.kind === 'status') return { status: fault.status };
  const { retryAfterSeconds } = fault;
  if (retryAfterSeconds === undefined) return { status: 429 };
  return { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } };
}

function failureOf(request: IncomingMessage): HostTokenAnswer {
  const query = urlOf(request).searchParams;
  const endpoint = otherHosts.get(query.get('api-version') ?? '');
  if (endpoint === answerAppService) return appServiceFailure();
  return endpoint === undefined ? imdsFailure : { status: 500 };
}

/** `pkg/nmi/server` of the archived Azure/aad-pod-identity asks to be tried again after 20 seconds. */
function podIdentity({ faults }: HostDeps): HostTokenAnswer | undefined {
  const status = faults().podIdentity?.answer;
  if (status === undefined) return undefined;
  return status === 503 ? { status, headers: { 'retry-after': '20' } } : { status };
}

/** How long an answer is held back. */
export function hostLatencyMs({ latencyMs = 0, podIdentity: held }: HostFaults): number {
  return latencyMs + (held?.holdSeconds ?? 0) * 1000;
}

function answerToken(deps: HostTokenDeps, request: IncomingMessage): HostTokenAnswer {
  const url = urlOf(request);
  const query = url.searchParams;
  const other = otherHosts.get(query.get('api-version') ?? '');
  if (other !== undefined) return other(deps, request, query);
  return url.pathname === imdsPath ? answerInstanceMetadata(deps, request, query) : { status: 404 };
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  return new URL(`http://169.254.169.254${url}`);
}
