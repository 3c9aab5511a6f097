import { z } from 'zod';
import { group, version } from '../api/meta.ts';
import type { VaultSecretClient } from '../ports/secrets.ts';
import { partialMetadata, type ApiClient } from './request.ts';

const answerSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), generation: z.number() }),
});

export const vaultSecretsPath = `/apis/${group}/${version}/vaultsecrets`;

export function createVaultSecretClient(api: ApiClient): VaultSecretClient {
  return {
    async replaceStatus(vaultSecret, status) {
      const { namespace, name, uid, generation } = vaultSecret;
      const answer = await api.send({
        method: 'PATCH',
        path: `/apis/${group}/${version}/namespaces/${namespace}/vaultsecrets/${name}/status`,
        query: { fieldManager: 'vaultsecret' },
        contentType: 'application/json-patch+json',
        accept: partialMetadata,
        body: [
          { op: 'test', path: '/metadata/uid', value: uid },
          { op: 'add', path: '/status', value: status },
        ],
      });
      const { metadata } = answerSchema.parse(answer);
      if (metadata.generation !== generation) return undefined;
      return {
        metadata: { namespace, name, uid, resourceVersion: metadata.resourceVersion },
        body: { ...vaultSecret, status },
      };
    },
  };
}
