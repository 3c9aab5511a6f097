import { z } from 'zod';
import { certificateProblem } from './certificates.ts';

const noUserProblem = 'must have no user, query or fragment in AZURE_KUBERNETES_TOKEN_PROXY';
const needsTokenProxy =
  'needs an https URL in AZURE_KUBERNETES_TOKEN_PROXY, which the workload identity webhook of AKS sets in pods with the annotation azure.workload.identity/use-identity-binding';

/** As the workload identity webhook of AKS names it to pods that use identity bindings. */
export const tokenProxySchema = z
  .object({
    url: z
      .url({ protocol: /^https$/, error: needsTokenProxy })
      .refine((url) => !/[@?#]/.test(url), noUserProblem),
    serverName: z.string().optional(),
    caFile: z.string().optional(),
    /** PEM. */
    caData: z.string().superRefine(checkCertificates).optional(),
  })
  .refine(
    ({ caFile, caData }) => caFile === undefined || caData === undefined,
    'takes its certificate authorities from AZURE_KUBERNETES_CA_FILE or from AZURE_KUBERNETES_CA_DATA; unset one of the two',
  );

function checkCertificates(pem: string, context: z.RefinementCtx): void {
  const problem = certificateProblem(pem);
  if (problem !== undefined)
    context.addIssue(`cannot be used: AZURE_KUBERNETES_CA_DATA ${problem}`);
}

/**
 * The variables that WorkloadIdentityCredential knows, of @azure/identity 4.14 as of azidentity
 * (sdk/azidentity/workload_identity.go): at most one of the last two, and without them the usual authorities.
 */
export function readTokenProxy(env: (name: string) => string | undefined) {
  return {
    url: env('AZURE_KUBERNETES_TOKEN_PROXY') ?? '',
    serverName: env('AZURE_KUBERNETES_SNI_NAME'),
    caFile: env('AZURE_KUBERNETES_CA_FILE'),
    caData: env('AZURE_KUBERNETES_CA_DATA'),
  };
}
