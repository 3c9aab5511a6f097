import { azureClouds } from '../../../src/api/cloud.ts';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import { expect } from 'vitest';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import type { WorkloadIdentity } from '../../../src/core/observed/identity.ts';
import { redact, reveal } from '../../../src/core/redacted.ts';
import { createSecretReader } from '../../../src/keyvault/client.ts';
import { createVaults } from '../../../src/keyvault/vaults.ts';
import type { ReadRequest, TokenRequest, TokenSource } from '../../../src/ports/azure.ts';
import type { KeyVaultMetrics } from '../../../src/ports/metrics.ts';
import { createManualClock } from '../../support/manualClock.ts';

export const tenantId = '72f988bf-0000-4000-8000-2d7cd011db47';

export interface VaultAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export function anIdentity(change: Partial<WorkloadIdentity> = {}): WorkloadIdentity {
  return {
    kind: 'workloadIdentity',
    namespace: 'shop',
    serviceAccountName: 'sa',
    serviceAccountUid: 'u1',
    clientId: '11111111-0000-4000-8000-000000000001',
    tenantId,
    cloud: azureClouds.AzurePublic,
    ...change,
  };
}

export function aRead(change: Partial<ReadRequest> = {}): ReadRequest {
  return {
    vaultUrl: 'https://shop-prod.vault.azure.net',
    identity: anIdentity(),
    ref: { name: 'db-password' },
    ...change,
  };
}

export function challenge(tenant = tenantId, resource = 'https://vault.azure.net'): VaultAnswer {
  const header = `Bearer authorization="https://login.microsoftonline.com/${tenant}", resource="${resource}"`;
  return { status: 401, headers: { 'www-authenticate': header } };
}

export function found(value = 'hunter2', more: object = {}): VaultAnswer {
  const id =
    'https://shop-prod.vault.azure.net/secrets/db-password/0123456789abcdef0123456789abcdef';
  return { status: 200, body: { value, id, attributes: { enabled: true }, ...more } };
}

interface VaultState {
  challenge: VaultAnswer | Promise<VaultAnswer>;
  answer: (request: PipelineRequest) => VaultAnswer | Promise<VaultAnswer>;
}

/** A vault that challenges whoever comes without a token and else says what the test tells it to. */
export function aVault(answer: VaultState['answer']) {
  /** `GET path token` of each request; an empty token is none. */
  const requests: string[] = [];
  const state: VaultState = { challenge: challenge(), answer };
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
      requests.push(`${request.method} ${new URL(request.url).pathname} ${token}`.trim());
      const { status, body, headers } = await (token === ''
        ? state.challenge
        : state.answer(request));
      const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body ?? {});
      return { request, status, headers: createHttpHeaders(headers ?? {}), bodyAsText };
    },
  };
  return { httpClient, requests, state };
}

/** Gives a new token, t1, t2…, for each that was refused, else the last one. */
export function someTokens() {
  const asked: TokenRequest[] = [];
  let current = { token: redact('t1'), expiresAt: 3_600_000, obtainedAt: 0 };
  const source: TokenSource = {
    async acquire(request) {
      asked.push(request);
      if (request.refused?.token === current) {
        const next = Number(reveal(current.token).slice(1)) + 1;
        current = { token: redact(`t${next}`), expiresAt: 3_600_000, obtainedAt: 0 };
      }
      return current;
    },
  };
  return { source, asked };
}

export function countingMetrics() {
  const counts: string[] = [];
  const metrics: KeyVaultMetrics = {
    requested: (host, operation, code) => counts.push(`${host} ${operation} ${code}`),
    throttled: (host, seconds) => counts.push(`${host} waited ${seconds}`),
    budgetLeft: () => undefined,
  };
  return { metrics, counts };
}

/** What a reader is made of, but for the HTTP client. */
export function readerDeps(metrics = countingMetrics().metrics, tokens = someTokens().source) {
  const clock = createManualClock(0);
  return { tokens, clock, metrics, vaults: createVaults({ clock, random: () => 0, metrics }) };
}

export function aReader(httpClient: HttpClient, tokens = someTokens().source) {
  return createSecretReader({ ...readerDeps(undefined, tokens), httpClient });
}

/** The ReconcileError with which a read ends. */
export async function failureOf(reading: Promise<unknown>): Promise<ReconcileError> {
  const thrown = await reading.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ReconcileError);
  return thrown as ReconcileError;
}
