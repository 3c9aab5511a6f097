import { azureClouds } from '../../../src/api/cloud.ts';
import { expect, test } from 'vitest';
import { explain } from '../../../src/core/errors/errors.ts';
import { resolveIdentity, type IdentityRequest } from '../../../src/core/access/boundIdentity.ts';
import { identityKey, type WorkloadIdentity } from '../../../src/core/observed/identity.ts';
import { aServiceAccount, clientId, tenantId } from './builders.ts';

const otherTenant = '33333333-3333-3333-3333-333333333333';

function resolve(request: Partial<IdentityRequest>) {
  return resolveIdentity({
    namespace: 'shop',
    serviceAccountName: 'shop',
    serviceAccount: aServiceAccount(),
    clientId: undefined,
    defaultTenantId: undefined,
    cloud: azureClouds.AzurePublic,
    ...request,
  });
}

const identity: WorkloadIdentity = {
  kind: 'workloadIdentity',
  namespace: 'shop',
  serviceAccountName: 'shop',
  serviceAccountUid: 'sa-uid',
  clientId,
  tenantId,
  cloud: azureClouds.AzurePublic,
};

test('the identity is the one that the ServiceAccount names', () => {
  expect(resolve({})).toEqual({ ok: true, value: identity });
});

test("the ServiceAccount's own tenant goes before the controller's default", () => {
  expect(resolve({ defaultTenantId: otherTenant })).toEqual({ ok: true, value: identity });
});

test("the controller's default tenant serves a ServiceAccount that names none", () => {
  expect(
    resolve({ serviceAccount: { uid: 'sa-uid', clientId }, defaultTenantId: otherTenant }),
  ).toEqual({ ok: true, value: { ...identity, tenantId: otherTenant } });
});

test('ids compare as a challenge writes them: in lower case', () => {
  const upper = 'ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAB';
  const serviceAccount = aServiceAccount({ clientId: upper, tenantId: upper });

  expect(resolve({ serviceAccount })).toEqual({
    ok: true,
    value: { ...identity, clientId: upper.toLowerCase(), tenantId: upper.toLowerCase() },
  });
});

test.each<readonly [string, Partial<IdentityRequest>, string]>([
  ['that does not exist', { serviceAccount: undefined }, 'ServiceAccountNotFound'],
  [
    'that is being deleted',
    { serviceAccount: aServiceAccount({ terminating: true }) },
    'ServiceAccountTerminating',
  ],
  [
    'that is being deleted, whatever its connection names',
    { serviceAccount: aServiceAccount({ terminating: true }), clientId: otherTenant },
    'ServiceAccountTerminating',
  ],
  ['without a client id', { serviceAccount: { uid: 'sa-uid', tenantId } }, 'ClientIdMissing'],
  [
    'whose client id is a name',
    { serviceAccount: aServiceAccount({ clientId: 'shop' }) },
    'IdentityInvalid',
  ],
  [
    'whose client id is empty',
    { serviceAccount: aServiceAccount({ clientId: '' }) },
    'IdentityInvalid',
  ],
  ['without any tenant', { serviceAccount: { uid: 'sa-uid', clientId } }, 'TenantIdMissing'],
  [
    'whose tenant is a domain',
    { serviceAccount: aServiceAccount({ tenantId: 'contoso.com' }), defaultTenantId: tenantId },
    'IdentityInvalid',
  ],
])('a ServiceAccount %s gives no identity, whatever else is configured', (_, request, reason) => {
  const result = resolve({ defaultTenantId: undefined, ...request });

  expect(result).toMatchObject({ ok: false, error: { reason } });
  expect(!result.ok && explain(result.error)).toContain('shop');
});

test('a wrong annotation is named, so that it can be corrected', () => {
  const wrong = (fields: object): string => {
    const result = resolve({ serviceAccount: aServiceAccount(fields) });
    return result.ok ? '' : explain(result.error);
  };

  expect(wrong({ clientId: 'x' })).toContain('azure.workload.identity/client-id');
  expect(wrong({ tenantId: 'x' })).toContain('azure.workload.identity/tenant-id');
});

test.each<readonly [string, Partial<WorkloadIdentity>]>([
  ['in another namespace', { namespace: 'other' }],
  ['made again under the same name', { serviceAccountUid: 'sa-uid-2' }],
  ['with another client id', { clientId: tenantId }],
  ['in another tenant', { tenantId: otherTenant }],
])('an identity %s has another key', (_, difference) => {
  expect(identityKey({ ...identity, ...difference })).not.toBe(identityKey(identity));
});
