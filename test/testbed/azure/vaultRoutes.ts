import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AccessTokenClaims, AccessTokens } from './accessTokens.ts';
import {
  backupSecret,
  deleteSecret,
  getDeletedSecret,
  purgeSecret,
  recoverSecret,
  restoreSecret,
} from './deletedSecretOperations.ts';
import { nextInterruption } from './faults.ts';
import { headerOf, readBody, type Answer } from './httpAnswer.ts';
import type { RequestCounts } from './requestCounts.ts';
import { listDeletedSecrets, listSecrets, listVersions } from './secretListings.ts';
import {
  getSecret,
  setSecret,
  updateSecret,
  type OperationInput,
  type OperationResult,
} from './secretOperations.ts';
import type { TransactionBudget } from './transactionBudget.ts';
import { authorize } from './vaultAuthorization.ts';
import { accessErrors, vaultErrorAnswer, type VaultError } from './vaultErrors.ts';
import {
  parseVaultRequest,
  type Operation,
  type ParsedRequest,
  type VaultRequest,
} from './vaultRequest.ts';
import type { Vault } from './vaultStore.ts';

export interface VaultDeps {
  tokens: AccessTokens;
  counts: RequestCounts;
  budgetOf: (vault: Vault) => TransactionBudget;
  now: () => number;
}

/** An answer, or what a broken network makes of it. */
export type Outcome = Answer | 'drop' | 'hang';

const operations: Readonly<
  Record<Operation, (input: OperationInput, body: string) => OperationResult>
> = {
  get: getSecret,
  getVersion: getSecret,
  list: listSecrets,
  listVersions,
  set: setSecret,
  update: updateSecret,
  delete: deleteSecret,
  getDeleted: getDeletedSecret,
  listDeleted: listDeletedSecrets,
  recover: recoverSecret,
  purge: purgeSecret,
  backup: backupSecret,
  restore: restoreSecret,
};

/**
 * One request to a vault, in the service's order: challenge, token, routing and validation,
 * firewall, authorization, operation. Every answer counts with its identity and kind.
 */
export async function answerVault(
  deps: VaultDeps,
  vault: Vault,
  request: IncomingMessage,
): Promise<Outcome> {
  const method = request.method ?? 'GET';
  const body = method === 'GET' ? '' : await readBody(request);
  const parsed = parseVaultRequest(method, request.url ?? '/');
  const kind = parsed.kind === 'request' ? parsed.request.operation : 'invalid';
  const interruption = isTouched(vault, kind) ? nextInterruption(networkFaults(vault)) : undefined;
  if (interruption?.kind === 'drop' || interruption?.kind === 'hang') {
    deps.counts.add({ vault: vault.settings.name, kind: interruption.kind, status: 0 });
    return interruption.kind;
  }
  const caller = identify(deps, vault, request);
  const step = 'code' in caller ? { error: caller } : serve(deps, vault, { caller, parsed, body });
  const answer = 'error' in step ? vaultErrorAnswer(step.error) : step.answer;
  deps.counts.add({
    vault: vault.settings.name,
    clientId: 'code' in caller ? undefined : caller.appid,
    kind: 'code' in caller ? challengeKind(request) : kind,
    status: answer.status,
  });
  return dressed(vault, request, answer);
}

const challengeKind = (request: IncomingMessage): string =>
  request.headers.authorization === undefined ? 'challenge401' : 'tokenRejected401';

function isTouched(vault: Vault, kind: string): boolean {
  return vault.faults.kinds === undefined || vault.faults.kinds.includes(kind);
}

function networkFaults({ faults }: Vault): Parameters<typeof nextInterruption>[0] {
  return {
    ...(faults.dropConnection === undefined ? {} : { dropConnection: faults.dropConnection }),
    ...(faults.hang === undefined ? {} : { hang: faults.hang }),
  };
}

/** Who calls, by a token that Entra ID issued for Key Vault in the vault's tenant. */
function identify(
  deps: VaultDeps,
  vault: Vault,
  request: IncomingMessage,
): AccessTokenClaims | VaultError {
  const authorization = headerOf(request, 'authorization');
  if (authorization === undefined) return accessErrors.missingToken(vault);
  const [scheme = '', token = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'bearer') return accessErrors.missingToken(vault);
  const verdict = deps.tokens.check(token);
  if (verdict.kind === 'unknownKey' || vault.faults.rejectTokens === true) {
    return accessErrors.unknownTokenKey(vault);
  }
  if (verdict.kind !== 'valid') return accessErrors.invalidToken(vault);
  const { claims } = verdict;
  if (claims.tid.toLowerCase() !== vault.settings.tenantId.toLowerCase()) {
    return accessErrors.wrongIssuer(vault, claims.iss);
  }
  const isForKeyVault =
    claims.aud === 'https://vault.azure.net' ||
    claims.aud === 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';
  return isForKeyVault ? claims : accessErrors.wrongAudience(vault, claims.aud);
}

interface Identified {
  caller: AccessTokenClaims;
  parsed: ParsedRequest;
  body: string;
}

type Step = { answer: Answer } | { error: VaultError };

function serve(deps: VaultDeps, vault: Vault, { caller, parsed, body }: Identified): Step {
  if (parsed.kind === 'error') return { error: parsed.error };
  const { request } = parsed;
  if (vault.faults.firewall === true) return { error: accessErrors.firewall(vault, caller) };
  const overload = refuseLoad(deps, vault, request);
  if (overload !== undefined) return { error: overload };
  const authorization = authorize(vault, caller, request.operation, request.name);
  if (authorization.kind === 'denied') return { error: authorization.error };
  const input = { ...request, name: request.name ?? '', vault, nowMs: deps.now() };
  const result = operations[request.operation](input, body);
  const { assignmentId } = authorization;
  const headers =
    assignmentId === undefined ? {} : { 'x-ms-keyvault-rbac-assignment-id': assignmentId };
  if (result.kind === 'error') {
    return { error: { ...result.error, headers: { ...result.error.headers, ...headers } } };
  }
  if (result.kind === 'noContent') return { answer: { status: 204, headers } };
  return { answer: { status: 200, headers, body: result.body } };
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
