import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { accessErrors } from './accessErrors.ts';
import type { AccessTokenClaims, AccessTokens } from './accessTokens.ts';
import { nextInterruption } from './faults.ts';
import { headerOf, readBody, type Answer } from './httpAnswer.ts';
import type { CapacityGauge, LeftCapacity } from './leftCapacity.ts';
import type { Outcome } from './outcome.ts';
import type { RequestCounts } from './requestCounts.ts';
import type { TransactionBudget } from './transactionBudget.ts';
import { authorize } from './vaultAuthorization.ts';
import { identifyCaller } from './vaultCaller.ts';
import { vaultErrorAnswer, type VaultError } from './vaultErrors.ts';
import { operations } from './vaultOperations.ts';
import { parseVaultRequest, type ParsedRequest, type VaultRequest } from './vaultRequest.ts';
import type { Vault } from './vaultStore.ts';

export interface VaultDeps {
  tokens: AccessTokens;
  counts: RequestCounts;
  budgetOf: (vault: Vault) => TransactionBudget;
  gaugeOf: (left: LeftCapacity) => CapacityGauge;
  now: () => number;
}

/**
 * One request to a vault, in the service's order: challenge, token, routing and validation,
 * firewall, throttling, authorization, operation. Every answer counts with its identity and kind.
 */
export async function answerVault(
  deps: VaultDeps,
  vault: Vault,
  request: IncomingMessage,
): Promise<Outcome> {
  const method = request.method ?? 'GET';
  const body = method === 'GET' ? '' : await readBody(request);
  const parsed = parseVaultRequest(method, request.url ?? '/', vault.settings.latestApiVersion);
  const kind = parsed.kind === 'request' ? parsed.request.operation : 'invalid';
  const counted = { vault: vault.settings.name, kind };
  const isBroken = isTouched(vault, kind) || vault.faults.silent === true;
  const broken = isBroken ? brokenNetwork(vault) : undefined;
  if (broken !== undefined) {
    deps.counts.add({ ...counted, ...broken.counted });
    return broken.outcome;
  }
  const caller = identifyCaller(deps.tokens, vault, headerOf(request, 'authorization'));
  if (caller.kind === 'refused') {
    const answer = vaultErrorAnswer(caller.error);
    deps.counts.add({ ...counted, kind: caller.countedAs, status: answer.status });
    return dressed(vault, request, answer);
  }
  const { claims } = caller;
  const answer = serve(deps, vault, { caller: claims, parsed, body });
  deps.counts.add({ ...counted, clientId: claims.appid, status: answer.status });
  return dressed(vault, request, answer);
}

function isTouched(vault: Vault, kind: string): boolean {
  return vault.faults.kinds === undefined || vault.faults.kinds.some((touched) => touched === kind);
}

/** What stands between a client and the vault, before anybody is asked for a token. */
function brokenNetwork({
  faults,
}: Vault): { outcome: Outcome; counted: { kind: string; status: number } } | undefined {
  if (faults.dropConnection === true) {
    return { outcome: 'drop', counted: { kind: 'drop', status: 0 } };
  }
  if (faults.hang === true || faults.silent === true) {
    return { outcome: 'hang', counted: { kind: 'hang', status: 0 } };
  }
  if (faults.redirectTo === undefined) return undefined;
  const headers = { location: faults.redirectTo };
  return { outcome: { status: 307, headers }, counted: { kind: 'redirect', status: 307 } };
}

interface Identified {
  caller: AccessTokenClaims;
  parsed: ParsedRequest;
  body: string;
}

function serve(deps: VaultDeps, vault: Vault, { caller, parsed, body }: Identified): Answer {
  if (parsed.kind === 'error') return vaultErrorAnswer(parsed.error);
  const { request } = parsed;
  const refusal = refuseNetwork(vault, caller) ?? refuseLoad(deps, vault, request);
  if (refusal !== undefined) return vaultErrorAnswer(refusal);
  const { operation, name } = request;
  const nowMs = deps.now();
  const authorization = authorize(vault, { caller, operation, name, nowMs });
  if (authorization.kind === 'denied') return vaultErrorAnswer(authorization.error);
  const answer = operations[operation]({ ...request, name: name ?? '', vault, nowMs }, body);
  const { assignmentId } = authorization;
  if (assignmentId === undefined) return answer;
  const headers = { ...answer.headers, 'x-ms-keyvault-rbac-assignment-id': assignmentId };
  return { ...answer, headers };
}

function refuseNetwork(vault: Vault, caller: AccessTokenClaims): VaultError | undefined {
  const rule = vault.faults.network;
  return rule === undefined ? undefined : accessErrors.network(vault, caller, rule);
}

/** Throttled by switch or by the vault's real limit, or failing by switch. */
function refuseLoad(
  deps: VaultDeps,
  vault: Vault,
  { operation }: VaultRequest,
): VaultError | undefined {
  const fault = isTouched(vault, operation) ? nextInterruption(vault.faults) : undefined;
  if (fault?.kind === 'throttled') return accessErrors.throttled(fault.retryAfterSeconds);
  if (fault?.kind === 'status') return accessErrors.failing(fault.status);
  const { left } = vault.faults;
  if (left !== undefined && !deps.gaugeOf(left).take(deps.now())) {
    return accessErrors.throttled(left.retryAfterSeconds);
  }
  const limit = vault.settings.transactionsPer10s;
  const isWithin = deps.budgetOf(vault).take(deps.now(), limit);
  return isWithin ? undefined : accessErrors.throttled(undefined);
}

/** The headers on every answer (recordings 2022 to 2026); the server adds Date. */
function dressed(vault: Vault, request: IncomingMessage, answer: Answer): Answer {
  const clientRequestId = headerOf(request, 'x-ms-client-request-id');
  return {
    status: answer.status,
    ...(answer.body === undefined ? {} : { body: answer.body }),
    headers: {
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      ...answer.headers,
      ...(clientRequestId === undefined ? {} : { 'x-ms-client-request-id': clientRequestId }),
      'x-ms-keyvault-region': vault.settings.location,
      'x-ms-request-id': randomUUID(),
      'x-ms-keyvault-service-version': vault.settings.serviceVersion,
      'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=31536000;includeSubDomains',
    },
  };
}
