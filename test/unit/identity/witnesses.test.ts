import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { createEntraWitness } from '../../../src/identity/entraWitness.ts';
import { createMetadataWitness } from '../../../src/identity/metadataWitness.ts';

const date = 'Wed, 25 Nov 2026 12:00:00 GMT';

async function waitAsked(
  service: 'entra' | 'metadata',
  retryAfter: string,
): Promise<number | undefined> {
  const httpClient: HttpClient = {
    sendRequest: async (request) => ({
      request,
      status: 503,
      headers: createHttpHeaders({ 'retry-after': retryAfter, date }),
      bodyAsText: '{}',
    }),
  };
  const request = createPipelineRequest({ url: 'https://example.com' });
  if (service === 'metadata') {
    const witness = createMetadataWitness(httpClient);
    await witness.sendRequest(request);
    return witness.last().retryAfterMs;
  }
  const witness = createEntraWitness(httpClient);
  await witness.httpClient.sendRequest(request);
  return witness.last().retryAfterMs;
}

describe.each(['entra', 'metadata'] as const)('Retry-After of %s', (service) => {
  test.each<readonly [string, number | undefined]>([
    ['7', 7_000],
    ['86400', 300_000],
    ['1e9', undefined],
    ['Infinity', undefined],
    ['-5', undefined],
    ['', undefined],
    ['Wed, 25 Nov 2026 12:00:30 GMT', 30_000],
    ['Fri, 25 Dec 2026 12:00:00 GMT', 300_000],
    ['Wed, 25 Nov 2020 12:00:00 GMT', 0],
  ])('%j asks for a wait of %s ms', async (text, waitMs) => {
    expect(await waitAsked(service, text)).toBe(waitMs);
  });
});
