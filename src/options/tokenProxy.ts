import { z } from 'zod';

const noUserProblem = 'must have no user, query or fragment in AZURE_KUBERNETES_TOKEN_PROXY';
const needsTokenProxy =
  'needs an https URL in AZURE_KUBERNETES_TOKEN_PROXY, which the workload identity webhook of AKS sets in pods with the annotation azure.workload.identity/use-identity-binding';

/** As the workload identity webhook of AKS names it to pods that use identity bindings. */
export const tokenProxySchema = z.object({
  url: z
    .url({ protocol: /^https$/, error: needsTokenProxy })
    .refine((url) => !/[@?#]/.test(url), noUserProblem),
  serverName: z.string().optional(),
  caFile: z.string().optional(),
});

/** The variables that WorkloadIdentityCredential of @azure/identity 4.14 knows. */
export function readTokenProxy(env: (name: string) => string | undefined) {
  return {
    url: env('AZURE_KUBERNETES_TOKEN_PROXY') ?? '',
    serverName: env('AZURE_KUBERNETES_SNI_NAME'),
    caFile: env('AZURE_KUBERNETES_CA_FILE'),
  };
}
