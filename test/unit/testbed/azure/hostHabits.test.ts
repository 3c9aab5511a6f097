import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, startWorld, type StandInWorld } from '../../../support/standInWorld.ts';

const user = 'a0000000-0000-4000-8000-000000000001';
const other = 'a0000000-0000-4000-8000-000000000002';

let world: StandInWorld;

beforeAll(async () => {
  world = await startWorld();
  await world.admin('POST /applications', [
    { clientId: user, kind: 'userAssignedIdentity' },
    { clientId: other, kind: 'userAssignedIdentity' },
  ]);
});
afterEach(() => world.admin('DELETE /imds/faults'));
afterAll(() => world.close());

const ask = () =>
  world.imds(
    `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=${user}`,
    { metadata: 'true' },
  );

function claimsIn(body: unknown): unknown {
  const payload = String(at(body, 'access_token')).split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

describe('the metadata service', () => {
  test('gives tokens that name the resource of the identity', async () => {
    const { body } = await ask();

    expect(at(claimsIn(body), 'xms_mirid')).toContain(
      `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${user}`,
    );
  });

  test('knows nothing of an identity that a switch takes from the host', async () => {
    await world.admin('PUT /imds/faults', { unassigned: [user] });

    const { status, body } = await ask();

    expect([status, at(body, 'error_description')]).toEqual([400, 'Identity not found']);
  });

  test('answers for another identity and another resource by a switch', async () => {
    await world.admin('PUT /imds/faults', { answerAs: other, answerFor: 'https://other.example' });

    const claims = claimsIn((await ask()).body);

    expect([at(claims, 'appid'), at(claims, 'aud')]).toEqual([other, 'https://other.example']);
  });

  test.each([
    [404, undefined],
    [503, '20'],
  ])('behind Pod Identity holds a request, and then says %i', async (answer, retryAfter) => {
    const begunAt = performance.now();
    await world.admin('PUT /imds/faults', { podIdentity: { answer, holdSeconds: 0.2 } });

    const { status, headers } = await ask();

    expect(status).toBe(answer);
    expect(headers['retry-after']).toBe(retryAfter);
    expect(performance.now() - begunAt).toBeGreaterThan(190);
  });
});
