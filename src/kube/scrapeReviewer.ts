import { z } from 'zod';
import { reveal } from '../core/redacted.ts';
import type { ScrapeReviewer } from '../ports/scrapes.ts';
import type { ApiClient } from './request.ts';

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ */
const tokenReview = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    // Of a token that is none it comes empty: seen on kube-apiserver 1.36.3.
    user: z
      .object({
        username: z.string().default(''),
        uid: z.string().optional(),
        groups: z.array(z.string()).optional(),
        extra: z.record(z.string(), z.array(z.string())).optional(),
      })
      .optional(),
  }),
});

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/ */
const accessReview = z.object({ status: z.object({ allowed: z.boolean().default(false) }) });

/** As kubebuilder's projects ask, so that one ClusterRole serves for all of them. */
const nonResourceAttributes = { path: '/metrics', verb: 'get' };

export function createScrapeReviewer(api: ApiClient): ScrapeReviewer {
  const create = async (groupVersion: string, resource: string, kind: string, spec: object) =>
    api.send({
      method: 'POST',
      path: `/apis/${groupVersion}/${resource}`,
      body: { apiVersion: groupVersion, kind, spec },
    });
  return {
    async review(token) {
      // Without audiences: a token for anybody else than the API server is none here.
      const spec = { token: reveal(token) };
      const { authenticated, user } = tokenReview.parse(
        await create('authentication.k8s.io/v1', 'tokenreviews', 'TokenReview', spec),
      ).status;
      const { username = '', ...rest } = user ?? {};
      if (!authenticated || username === '') return 'unknown';
      const asked = { user: username, ...rest, nonResourceAttributes };
      const { allowed } = accessReview.parse(
        await create(
          'authorization.k8s.io/v1',
          'subjectaccessreviews',
          'SubjectAccessReview',
          asked,
        ),
      ).status;
      return allowed ? 'allowed' : 'forbidden';
    },
  };
}
