import { z } from 'zod';
import { credentialLabel } from '../api/meta.ts';
import type { ObservedCredential } from '../core/observed/servicePrincipal.ts';
import { redact } from '../core/redacted.ts';
import type { CredentialClient } from '../ports/credentials.ts';
import type { Stored } from '../ports/stored.ts';
import { nameLimit } from './bounded.ts';
import { ifFound, partialMetadata, type ApiClient } from './request.ts';
import { stored } from './stored.ts';

const metadataSchema = z.object({
  name: z.string().max(nameLimit),
  namespace: z.string().max(nameLimit),
  uid: z.string().max(nameLimit),
  resourceVersion: z.string().max(nameLimit),
});

const secretSchema = z.object({
  metadata: metadataSchema,
  data: z.record(z.string(), z.string()).nullish(),
});

const labelsSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
});

export function createCredentialClient(api: ApiClient): CredentialClient {
  return {
    find: async ({ namespace, name }) => {
      const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
      const raw = await ifFound(async () =>
        api.send({ method: 'GET', path, accept: partialMetadata }),
      );
      if (raw === undefined) return undefined;
      const isOffered = labelsSchema.parse(raw).metadata.labels[credentialLabel] === 'true';
      return isOffered ? decodeCredential(raw).body : undefined;
    },
    read: async ({ namespace, name }, keys) =>
      ifFound(async () => {
        const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
        const { metadata, data } = secretSchema.parse(await api.send({ method: 'GET', path }));
        const { uid, resourceVersion } = metadata;
        const values = keys.flatMap((key) => {
          const value = data?.[key];
          return value === undefined ? [] : [[key, redact(Buffer.from(value, 'base64'))] as const];
        });
        return { uid, resourceVersion, values: new Map(values) };
      }),
  };
}

/** Metadata alone, as the watch tells it. */
export function decodeCredential(raw: unknown): Stored<ObservedCredential> {
  const { metadata } = z.object({ metadata: metadataSchema }).parse(raw);
  const { uid, resourceVersion } = metadata;
  return stored(metadata, { uid, resourceVersion });
}
