import { request as send, type Dispatcher } from 'undici';
import { z } from 'zod';
import { KubeApiError } from '../ports/kube.ts';
import type { PooledKubeConfig } from './config.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** Answers carry metadata only, so no value comes back: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export const partialMetadata = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
export const partialMetadataList =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** One request on client-node's credentials and connection, without its typed layer's cost. */
export interface ApiClient {
  /** The parsed answer. @throws KubeApiError */
  send(request: ApiRequest): Promise<unknown>;
  /** The answer as it comes in, for watches. @throws KubeApiError */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
}

export function createApiClient(config: PooledKubeConfig): ApiClient {
  const open = async (request: ApiRequest): Promise<Dispatcher.ResponseData> => {
    try {
      const response = await dispatch(config, request);
      if (response.statusCode < 400) return response;
      throw refusal(request, response, await response.body.text());
    } catch (thrown) {
      if (thrown instanceof KubeApiError || request.signal?.aborted === true) throw thrown;
      throw new KubeApiError({
        status: 0,
        reason: '',
        message: `no answer from the API server: ${causeOf(thrown)}`,
        cause: thrown,
      });
    }
  };
  return {
    send: async (request) => parse(await (await open(request)).body.text()),
    stream: async (request) => (await open(request)).body,
  };
}

async function dispatch(
  config: PooledKubeConfig,
  request: ApiRequest,
): Promise<Dispatcher.ResponseData> {
  const { headers, dispatcher } = await config.credentials();
  const url = new URL(request.path, config.serverUrl());
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return send(url, {
    method: request.method,
    headers: {
      ...headers,
      accept: request.accept ?? 'application/json',
      ...(request.body === undefined
        ? {}
        : { 'content-type': request.contentType ?? 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubeApiError({
      status: 0,
      reason: '',
      message: 'the API server answered with something else than JSON',
      cause,
    });
  }
}

/** meta/v1 Status: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const statusSchema = z.object({
  reason: z.string().default(''),
  message: z.string().default(''),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({
            reason: z.string().default(''),
            message: z.string().default(''),
            field: z.string().default(''),
          }),
        )
        .default([]),
    })
    .optional(),
});

/** The text of a refused Secret can quote its data, so only the text of other refusals is kept. */
function refusal(
  request: ApiRequest,
  response: Dispatcher.ResponseData,
  text: string,
): KubeApiError {
  const status = statusSchema.safeParse(tryParse(text)).data;
  const isQuotable = !request.path.includes('/secrets/');
  const retryAfter = Number(response.headers['retry-after'] ?? status?.details?.retryAfterSeconds);
  return new KubeApiError({
    status: response.statusCode,
    reason: status?.reason ?? '',
    message: (isQuotable ? status?.message : undefined) ?? `status ${response.statusCode}`,
    causes: (status?.details?.causes ?? []).map((cause) =>
      isQuotable ? cause : { ...cause, message: '' },
    ),
    ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
  });
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.message;
}
