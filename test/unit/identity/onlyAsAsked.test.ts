import { describe, expect, test } from 'vitest';
import { redact } from '../../../src/core/redacted.ts';
import type { AssignedName, HostToken } from '../../../src/identity/hostIdentity.ts';
import { onlyAsAsked } from '../../../src/identity/onlyAsAsked.ts';

const claims = { xms_mirid: '/subscriptions/s/resourcegroups/g/providers/x/shop' };
const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
const given: HostToken = {
  token: redact(`h.${payload}.s`),
  expiresAt: 2,
  obtainedAt: 1,
  clientId: 'c1',
  objectId: 'o1',
  tenantId: 't1',
};
const ask = async (assigned: AssignedName | undefined) =>
  onlyAsAsked(async () => given, assigned)('https://vault.azure.net/.default');

describe('a token of the host', () => {
  test.each<AssignedName | undefined>([
    undefined,
    { by: 'clientId', id: 'C1' },
    { by: 'objectId', id: 'o1' },
    { by: 'resourceId', id: '/subscriptions/S/resourceGroups/g/providers/x/shop' },
  ])('is given when it is of %o', async (assigned) => {
    expect(await ask(assigned)).toBe(given);
  });

  test.each<AssignedName>([
    { by: 'clientId', id: 'c2' },
    { by: 'objectId', id: 'c1' },
    { by: 'resourceId', id: '/subscriptions/s/resourcegroups/g/providers/x/pay' },
  ])('is sent nowhere when %o was asked for', async (assigned) => {
    await expect(ask(assigned)).rejects.toMatchObject({
      reason: 'HostIdentityOther',
      details: { clientId: 'c1', identity: assigned.id },
    });
  });
});
