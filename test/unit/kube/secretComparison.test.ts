import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DesiredSecret } from '../../../src/core/secret/desired.ts';
import { redact } from '../../../src/core/redacted.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { createSecretClient } from '../../../src/kube/secrets.ts';
import type { SecretClient } from '../../../src/ports/secrets.ts';
import { json, startFakeApiServer, type Answer, type FakeApiServer } from './fakeApiServer.ts';

let server: FakeApiServer;
let client: SecretClient;

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createSecretClient(createApiClient(server.config()));
});
afterEach(async () => {
  await server.close();
});

const desired: DesiredSecret = {
  namespace: 'shop',
  name: 'app',
  type: 'Opaque',
  labels: { 'example.com/a~b': 'c' },
  annotations: {},
  data: { PASSWORD: redact('eA==') },
};
const { type: _, ...merged } = desired;
const holds = json(200, { metadata: {} });
const fails = json(422, { reason: 'Invalid' });
const refuses = json(400, { reason: 'BadRequest' });

test.each<readonly [string, DesiredSecret, readonly Answer[]]>([
  ['same', desired, [holds]],
  ['surplus', desired, [fails, holds]],
  ['different', desired, [fails, fails]],
  ['unknown', desired, [refuses]],
  ['same', merged, [holds]],
  ['different', merged, [fails]],
])('a Secret is told to be %s by dry runs of tests alone', async (expected, secret, answers) => {
  server.answer = (request, response) => answers[server.requests.length - 1]?.(request, response);

  expect(await client.compare(secret)).toBe(expected);
  expect(server.requests).toHaveLength(answers.length);
  for (const { method, query, body } of server.requests) {
    expect({ method, query }).toEqual({ method: 'PATCH', query: { dryRun: 'All' } });
    expect(body).toEqual(
      expect.arrayContaining([
        { op: 'test', path: '/metadata/labels/example.com~1a~0b', value: 'c' },
      ]),
    );
  }
});
