import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { at, startWorld, textAt, type StandInWorld } from '../../../support/standInWorld.ts';

let world: StandInWorld;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const subscription = '/subscriptions/s/resourcegroups/g/providers';
const resourceId = `${subscription}/Microsoft.ManagedIdentity/userAssignedIdentities/shop`;
const hostResourceId = `${subscription}/Microsoft.Compute/virtualMachineScaleSets/aks`;

async function messageFor(identity: object, vault = 'shop'): Promise<string> {
  const kind = 'userAssignedIdentity';
  const { body } = await world.admin('POST /applications', { kind, ...identity });
  const path = `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=${textAt(body, 0, 'clientId')}`;
  const answer = await world.imds(path, { metadata: 'true' });
  const token = textAt(answer.body, 'access_token');
  return textAt((await world.ask('GET /secrets', { token, vault })).body, 'error', 'message');
}

const callerIn = (message: string): string => /Caller: ([^\r]*)/.exec(message)?.[1] ?? '';

describe('the caller that a network rule refuses', () => {
  test.each([
    ['an identity', { resourceId }, `;xms_mirid=${resourceId}`],
    [
      'an identity of a host that is named in its tokens',
      { resourceId, hostResourceId },
      `;xms_mirid=${resourceId};xms_az_rid=${hostResourceId}`,
    ],
  ])('is named with the resources of %s', async (_what, identity, resources) => {
    for (const network of ['clientAddress', 'publicAccessDisabled']) {
      await world.admin('PUT /vaults/shop/faults', { network });

      const caller = callerIn(await messageFor(identity));
      expect(caller).toMatch(/^appid=[^;]+;oid=[^;]+;iss=https:\/\/sts\.windows\.net\/[^/]+\//);
      expect(caller.endsWith(`/${resources}`)).toBe(true);
    }
  });

  test('is named without them where it is an application, and where a role is missing', async () => {
    await world.admin('PUT /vaults/shop/faults', { network: 'clientAddress' });
    const { body } = await world.ask('GET /secrets');
    expect(textAt(body, 'error', 'message')).not.toContain('xms_mirid');

    await world.admin('DELETE /vaults/shop/faults');
    expect(callerIn(await messageFor({ resourceId, hostResourceId }))).not.toContain('xms_');
  });
});

describe('refusals in the other forms that are quoted', () => {
  test.each([
    [[], /DenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\n/],
    [['withoutDecisionReason'], /DenyAssignmentId: null\r\nDecisionReason: null \r\n/],
    [['withoutDenyAssignment'], /\(not found\)\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\n/],
  ])('of a role, with %j', async (refusalForms, expected) => {
    await world.admin('PUT /vaults/shop/faults', { refusalForms });

    expect(await messageFor({})).toMatch(expected);
  });

  test.each([
    [[], 'ForbiddenByPolicy'],
    [['accessDenied'], 'AccessDenied'],
  ])('of an access policy, with %j', async (refusalForms, code) => {
    await world.admin('POST /vaults', { name: 'policies', authorization: 'accessPolicies' });
    await world.admin('PUT /vaults/policies/faults', { refusalForms });
    const { body } = await world.ask('GET /secrets', { vault: 'policies' });

    expect(at(body, 'error', 'innererror', 'code')).toBe(code);
  });
});
