import { azureClouds } from '../../../src/api/cloud.ts';
import type { ServicePrincipalIdentity } from '../../../src/core/observed/servicePrincipal.ts';
import { redact } from '../../../src/core/redacted.ts';
import type { CredentialClient } from '../../../src/ports/credentials.ts';

export type Values = Readonly<Record<string, string | Uint8Array>>;

/** The credential in Secret `entra` of namespace `shop`, named by VaultConnection `team`. */
export function aServicePrincipal(
  fields: Partial<ServicePrincipalIdentity> & { readonly key?: string | undefined } = {},
): ServicePrincipalIdentity {
  const { key = 'client-secret', ...rest } = fields;
  return {
    kind: 'clientSecret',
    namespace: 'shop',
    clientId: '11111111-1111-4111-8111-111111111111',
    tenantId: '22222222-2222-4222-8222-222222222222',
    credential: { secretName: 'entra', key, uid: 'u1', resourceVersion: '7' },
    cloud: azureClouds.AzurePublic,
    connection: 'team',
    ...rest,
  };
}

/** What the API server has under that name; undefined: nothing. */
export function fakeCredentials(
  values: Values | undefined,
  metadata: { readonly uid?: string; readonly resourceVersion?: string } = {},
): Pick<CredentialClient, 'read'> & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async read({ namespace, name }, keys) {
      asked.push(`${namespace}/${name} ${keys.join(' ')}`);
      if (values === undefined) return undefined;
      const found = keys.flatMap((key) => {
        const value = values[key];
        return value === undefined ? [] : [[key, redact(Buffer.from(value))] as const];
      });
      return { uid: 'u1', resourceVersion: '7', ...metadata, values: new Map(found) };
    },
  };
}
