import { afterEach, beforeEach, expect, test } from 'vitest';
import { findController } from '../../../src/kube/controllerDeployment.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

let server: FakeApiServer;
beforeEach(async () => {
  server = await startFakeApiServer();
});
afterEach(async () => server.close());

const find = (controller?: string) => findController(createApiClient(server.config()), controller);

const deployment = (name: string) => ({
  metadata: { namespace: 'system', name },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'proxy' },
          { name: 'controller', args: ['run', `--lease-name=${name}`] },
        ],
      },
    },
  },
});
const controller = { namespace: 'system', name: 'a', args: ['run', '--lease-name=a'] };

test('the controller that wrote a status is the Deployment of that name', async () => {
  server.answer = json(200, deployment('a'));

  expect(await find('system/a')).toEqual(controller);
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/apis/apps/v1/namespaces/system/deployments/a',
  ]);
});

test('before the first status it is the only one of the cluster', async () => {
  server.answer = json(200, { items: [deployment('a')] });

  expect(await find()).toEqual(controller);
  expect(server.requests[0]?.query).toEqual({
    labelSelector: 'app.kubernetes.io/name=vaultsecret',
  });
});

test.each([
  ['of several', 200, { items: [deployment('a'), deployment('b')] }],
  ['of none', 200, { items: [] }],
  ['of what the caller may not see', 403, {}],
])('%s no controller is told', async (_, status, body) => {
  server.answer = json(status, body);

  expect(await find()).toBeUndefined();
});

test('an API server that fails is not taken for one without a controller', async () => {
  server.answer = json(500, {});

  await expect(find('system/a')).rejects.toMatchObject({ status: 500 });
});
