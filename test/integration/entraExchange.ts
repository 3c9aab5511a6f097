import { readFileSync } from 'node:fs';
import { ProxyAgent, request } from 'undici';
import { z } from 'zod';
import type { Testbed } from '../testbed/testbedFile.ts';

const bodySchema = z.looseObject({
  access_token: z.string().optional(),
  error: z.string().optional(),
  error_codes: z.array(z.number()).optional(),
});

export interface ExchangeAnswer {
  readonly status: number;
  readonly body: z.infer<typeof bodySchema>;
}

/**
 * Shows a ServiceAccount token to Microsoft Entra ID and asks for a Key Vault token, as any client would: by
 * the public host name through a proxy.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
 */
export async function exchangeToken(
  { azure }: Testbed,
  clientId: string,
  assertion: string,
): Promise<ExchangeAnswer> {
  const dispatcher = new ProxyAgent({
    uri: azure.proxyUrl,
    requestTls: { ca: readFileSync(azure.caFile) },
  });
  try {
    const { statusCode, body } = await request(
      `https://login.microsoftonline.com/${azure.tenantId}/oauth2/v2.0/token`,
      {
        method: 'POST',
        dispatcher,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          scope: 'https://vault.azure.net/.default',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }).toString(),
      },
    );
    return { status: statusCode, body: bodySchema.parse(await body.json()) };
  } finally {
    await dispatcher.destroy();
  }
}
