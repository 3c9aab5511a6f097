import { z } from 'zod';
import { redact } from '../core/redacted.ts';
import type { ServiceAccountTokenClient } from '../ports/secrets.ts';
import type { ApiClient } from './request.ts';

const answerSchema = z.object({
  status: z.object({ token: z.string().min(1), expirationTimestamp: z.iso.datetime() }),
});

export function createServiceAccountTokenClient(api: ApiClient): ServiceAccountTokenClient {
  return {
    async request({ namespace, name, uid, audience, expirationSeconds }) {
      const answer = await api.send({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          metadata: { uid },
          spec: { audiences: [audience], expirationSeconds },
        },
      });
      const { token, expirationTimestamp } = answerSchema.parse(answer).status;
      return { token: redact(token), expiresAt: Date.parse(expirationTimestamp) };
    },
  };
}
