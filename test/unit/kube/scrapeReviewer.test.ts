import { afterEach, beforeEach, expect, test } from 'vitest';
import { redact } from '../../../src/core/redacted.ts';
import { createApiClient } from '../../../src/kube/request.ts';
import { createScrapeReviewer } from '../../../src/kube/scrapeReviewer.ts';
import type { ScrapeReviewer } from '../../../src/ports/scrapes.ts';
import { json, startFakeApiServer, type FakeApiServer } from './fakeApiServer.ts';

const token = redact('the-token');
const user = { username: 'prometheus', uid: 'u1', groups: ['scrapers'], extra: { pod: ['p-0'] } };

let server: FakeApiServer;
let reviewer: ScrapeReviewer;

beforeEach(async () => {
  server = await startFakeApiServer();
  reviewer = createScrapeReviewer(createApiClient(server.config()));
});
afterEach(async () => server.close());

/** What the API server says of the token, and then of its user. */
function answer(authentication: object, authorization: object): void {
  server.answer = (request, response) => {
    const status = request.path.endsWith('/tokenreviews') ? authentication : authorization;
    json(201, { status })(request, response);
  };
}

test('a known user who may get the metrics is let in, for all that the API server knows of them', async () => {
  answer({ authenticated: true, user }, { allowed: true });

  expect(await reviewer.review(token)).toBe('allowed');
  const { username, ...rest } = user;
  expect(server.requests).toMatchObject([
    {
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: { kind: 'TokenReview', spec: { token: 'the-token' } },
    },
    {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        kind: 'SubjectAccessReview',
        spec: {
          user: username,
          ...rest,
          nonResourceAttributes: { path: '/metrics', verb: 'get' },
        },
      },
    },
  ]);
});

test.each([{ allowed: false }, { allowed: false, denied: true }, {}])(
  'a known user of whom it says %j is kept out',
  async (authorization) => {
    answer({ authenticated: true, user }, authorization);

    expect(await reviewer.review(token)).toBe('forbidden');
  },
);

test.each([
  { user: {} },
  { authenticated: false, user },
  { authenticated: true },
  { authenticated: true, user: { groups: ['system:masters'] } },
  {},
])('nobody is known by a token of which it says %j', async (authentication) => {
  answer(authentication, { allowed: true });

  expect(await reviewer.review(token)).toBe('unknown');
  expect(server.requests).toHaveLength(1);
});

test('without an answer there is no verdict', async () => {
  server.answer = json(403, { message: 'tokenreviews is forbidden' });

  await expect(reviewer.review(token)).rejects.toMatchObject({ status: 403 });
});
