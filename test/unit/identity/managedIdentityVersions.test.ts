import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { describe, expect, test } from 'vitest';
import { azureClouds } from '../../../src/api/cloud.ts';
import type { AssignedIdentity, LentManagedIdentity } from '../../../src/core/observed/identity.ts';
import { createManagedIdentityExchange } from '../../../src/identity/managedIdentity.ts';
import type { AccessToken } from '../../../src/ports/azure.ts';
import { explained } from '../explained.ts';

/** Claims by https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference */
const tenantId = '0000000d-0000-4000-8000-000000000001';
const clientId = '0000000d-0000-4000-8000-000000000002';
const objectId = '0000000d-0000-4000-8000-000000000003';
const apiId = '0000000d-0000-4000-8000-000000000004';
const otherId = '0000000d-0000-4000-8000-000000000005';
const resourceId =
  '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u';
const hostId = '/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/v';

const common = { oid: objectId, tid: tenantId, exp: 1_800_000_000, xms_mirid: resourceId };
const version1 = { ...common, ver: '1.0', aud: 'api://payments', appid: clientId };
const version2 = { ...common, ver: '2.0', aud: apiId, azp: clientId };
const payments = 'api://payments/.default';

interface Asked {
  readonly scope?: string;
  readonly assigned?: AssignedIdentity;
}

/** What comes of it when the host answers with this token. */
function lend(token: string, { scope = payments, assigned }: Asked = {}): Promise<AccessToken> {
  const exchange = createManagedIdentityExchange({
    endpoint: 'http://169.254.169.254',
    timeoutMs: 10_000,
    httpClient: {
      sendRequest: async (request) => ({
        request,
        status: 200,
        headers: createHttpHeaders(),
        bodyAsText: JSON.stringify({ access_token: token, expires_on: '1800000000' }),
      }),
    },
  });
  const identity: LentManagedIdentity = {
    kind: 'managedIdentity',
    namespace: 'shop',
    connection: 'platform',
    connectionUid: 'connection-uid',
    connectionGeneration: 1,
    tenantId,
    cloud: azureClouds.AzurePublic,
    assigned: assigned ?? { by: 'clientId', id: clientId },
  };
  return exchange({ identity, scope });
}

const tokenOf = (claims: object): string =>
  ['{}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('a token of version 2.0 is lent', () => {
  test.each<readonly [string, Asked]>([
    ['for an API with a name', {}],
    ['for an API that is named by its client id', { scope: `api://${apiId}/.default` }],
    ['for a client id', { scope: `${apiId.toUpperCase()}/.default` }],
    ['by object id', { assigned: { by: 'objectId', id: objectId } }],
    ['by resource id', { assigned: { by: 'resourceId', id: resourceId } }],
  ])('%s', async (_, asked) => {
    const token = await lend(tokenOf(version2), asked);
    expect(token.clientId).toBe(clientId);
    expect(token.expiresAt).toBe(1_800_000_000_000);
  });

  test('of the system-assigned identity, where it names the host', async () => {
    const claims = { ...version2, xms_mirid: hostId };
    const token = await lend(tokenOf(claims), { assigned: { by: 'system' } });
    expect(token.clientId).toBe(clientId);
  });
});

test('a token of version 1.0 is lent for the same API', async () => {
  expect((await lend(tokenOf(version1))).clientId).toBe(clientId);
});

describe('a token is thrown away', () => {
  const vault = 'https://vault.azure.net/.default';
  const { xms_mirid: _, ...unnamed } = version2;

  test.each<readonly [string, object, Asked, string]>([
    ['of another client', { ...version2, azp: otherId }, {}, 'client id (azp)'],
    ['of another object', version2, { assigned: { by: 'objectId', id: otherId } }, '(oid)'],
    ['of another tenant', { ...version2, tid: otherId }, {}, 'tenant (tid)'],
    [
      'for another API id',
      { ...version2, aud: otherId },
      { scope: `api://${apiId}/.default` },
      'aud',
    ],
    ['for another client id', version2, { scope: `${otherId}/.default` }, '(aud)'],
    ['for another API name', { ...version2, aud: 'api://other' }, {}, 'audience (aud)'],
    ['of version 2.0 for Key Vault', version2, { scope: vault }, 'audience (aud)'],
    ['of version 1.0 for a client id', { ...version1, aud: apiId }, {}, 'audience (aud)'],
    ['of version 2.0, user-assigned', version2, { assigned: { by: 'system' } }, '(xms_mirid)'],
    ['of version 2.0 of any host', unnamed, { assigned: { by: 'system' } }, '(xms_mirid)'],
  ])('%s', async (_what, claims, asked, claim) => {
    const failure = await explained(lend(tokenOf(claims), asked), [claim]);
    expect(failure.reason).toBe('ManagedIdentityMismatch');
  });

  test.each<readonly [string, string]>([
    ['that is encrypted', 'eyJlbmMiOiJ9.a.b.c.d'],
    ['that is no JSON Web Token', 'hunter2'],
    ['that names no client', tokenOf({ ...version2, azp: undefined })],
    ['of version 2.0 with the client claim of version 1.0', tokenOf({ ...version1, ver: '2.0' })],
    ['of version 1.0 with the client claim of version 2.0', tokenOf({ ...version2, ver: '1.0' })],
    ['of a version that is not known', tokenOf({ ...version1, ver: '3.0' })],
    ['that never expires', tokenOf({ ...version2, exp: undefined })],
  ])('%s, and is not taken for an answer of a proxy', async (_what, token) => {
    const failure = await explained(lend(token), [
      'the user-assigned identity with client id',
      payments,
      'kubectl edit clustervaultconnection platform',
    ]);
    expect(failure.reason).toBe('ManagedIdentityTokenUnreadable');
  });
});
