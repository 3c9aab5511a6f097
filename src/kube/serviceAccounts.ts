import type { ServiceAccountClient } from '../ports/kube.ts';
import { decodeServiceAccount } from './decode.ts';
import { ifFound, partialMetadata, type ApiClient } from './request.ts';

export function createServiceAccountClient(api: ApiClient): ServiceAccountClient {
  return {
    get: async ({ namespace, name }) =>
      ifFound(async () => {
        const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
        return decodeServiceAccount(
          await api.send({ method: 'GET', path, accept: partialMetadata }),
        ).body;
      }),
  };
}
