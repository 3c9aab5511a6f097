import { expect, test } from 'vitest';
import { writesFor, type FirstSyncSample } from '../../bench/firstSyncSample.ts';
import type { Member } from '../../bench/fleet.ts';

function aMember(fields: Partial<Member> & Pick<Member, 'namespace'>): Member {
  const { namespace } = fields;
  const vault = `vault-of-${namespace}`;
  const vaultUrl = `https://${vault}.vault.azure.net`;
  const team = { namespace, serviceAccountName: 'app', clientId: 'client', vault, vaultUrl };
  return {
    team,
    name: 'app-0',
    uid: 'uid-0',
    objectName: `${namespace}--0`,
    version: '0'.repeat(32),
    value: 'first',
    ...fields,
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** In the shape of what the controller sends. */
function aSample(member: Member): FirstSyncSample {
  const { namespace, name, uid, objectName, version, value, team } = member;
  const common = { method: 'PATCH', accept: 'application/json', contentType: 'application/json' };
  return {
    member,
    apply: {
      ...common,
      path: `/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=${uid}`,
      body: JSON.stringify({ record: { [objectName]: version }, data: base64(value) }),
    },
    status: {
      ...common,
      path: `/apis/v1/namespaces/${namespace}/vaultsecrets/${name}/status`,
      body: JSON.stringify({ test: uid, message: `Secret ${name} from ${team.vaultUrl}.` }),
    },
  };
}

test('what was written for one VaultSecret is translated for another', () => {
  const sample = aMember({ namespace: 'team-a' });
  const other = aMember({
    namespace: 'team-b',
    name: 'app-7',
    uid: 'uid-7',
    version: '7'.repeat(32),
    objectName: 'team-b--7',
    value: 'seventh',
  });
  const { apply, status } = aSample(other);

  expect(writesFor(aSample(sample), other)).toEqual({ apply, status });
});
