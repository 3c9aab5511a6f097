import { expect, test } from 'vitest';
import { withoutRotation, writesSince } from '../../bench/writesApart.ts';
import type { RecordedWrite } from '../../testbed/controlPlane/auditLog.ts';

const aWrite = (resource: string, at = '2026-11-25T10:00:00.500000Z'): RecordedWrite => ({
  user: 'controller',
  verb: 'patch',
  resource,
  namespace: 'shop',
  name: 'shop',
  status: 200,
  at,
});
const since = Date.parse('2026-11-25T10:00:00Z');

test('renewals of the Lease and tokens are counted apart', () => {
  const counted = ['secrets', 'vaultsecrets/status', 'events'].map((resource) => aWrite(resource));
  const apart = ['leases', 'serviceaccounts/token'].map((resource) => aWrite(resource));

  expect(writesSince([...apart, ...counted], since)).toEqual(counted);
});

test('what was written before does not count', () => {
  expect(writesSince([aWrite('secrets', '2026-11-25T09:59:59.999999Z')], since)).toEqual([]);
});

test('a rotation explains one write of its Secret and its status, and an event', () => {
  const explained = [
    aWrite('secrets'),
    aWrite('vaultsecrets/status'),
    { ...aWrite('events'), name: '' },
  ];
  const unexplained = [
    { ...aWrite('secrets'), name: 'other' },
    { ...aWrite('events'), namespace: 'other' },
    aWrite('vaultsecrets/status'),
  ];

  expect(withoutRotation([...explained, ...unexplained], aWrite('secrets'))).toEqual(unexplained);
});
