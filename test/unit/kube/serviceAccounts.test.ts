import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApiClient, partialMetadata } from '../../../src/kube/request.ts';
import { createServiceAccountClient } from '../../../src/kube/serviceAccounts.ts';
import type { ServiceAccountClient } from '../../../src/ports/kube.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

const at = { namespace: 'shop', name: 'shop' };
const annotations = { 'azure.workload.identity/client-id': 'the client' };

let server: FakeApiServer;
let serviceAccounts: ServiceAccountClient;

beforeEach(async () => {
  const metadata = { ...at, uid: 'u1', resourceVersion: '9', annotations };
  server = await startFakeApiServer(json(200, { metadata }));
  serviceAccounts = createServiceAccountClient(createApiClient(server.config()));
});
afterEach(async () => server.close());

test('a ServiceAccount is read as metadata only', async () => {
  expect(await serviceAccounts.get(at)).toEqual({ uid: 'u1', clientId: 'the client' });
  expect(server.requests).toMatchObject([
    {
      method: 'GET',
      path: '/api/v1/namespaces/shop/serviceaccounts/shop',
      headers: { accept: partialMetadata },
    },
  ]);
});

test('a ServiceAccount that is not there is none', async () => {
  server.answer = json(404, { reason: 'NotFound' });

  expect(await serviceAccounts.get(at)).toBeUndefined();
});
