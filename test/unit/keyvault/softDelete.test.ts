import { expect, test } from 'vitest';
import { createVaultReader } from '../../../src/keyvault/reader.ts';
import {
  aRead,
  aVault,
  countingMetrics,
  failureOf,
  readerDeps,
  type VaultAnswer,
} from './fakeVault.ts';

const refusal = (status: number, code: string): VaultAnswer => ({
  status,
  body: { error: { code, message: 'text', innererror: { code } } },
});
const missing = refusal(404, 'SecretNotFound');
const deleted: VaultAnswer = {
  status: 200,
  body: {
    recoveryId: 'https://shop-prod.vault.azure.net/deletedsecrets/db-password',
    id: 'https://shop-prod.vault.azure.net/secrets/db-password/0123456789abcdef0123456789abcdef',
    deletedDate: 1_800_000_000,
    scheduledPurgeDate: 1_807_776_000,
    attributes: { enabled: true },
  },
};

/** A read of a vault that says these, one after the other, to whoever comes with a token. */
async function readOf(...answers: readonly VaultAnswer[]) {
  const left = [...answers];
  const vault = aVault(() => left.shift() ?? { status: 500 });
  const { metrics, counts } = countingMetrics();
  const reader = createVaultReader({ ...readerDeps(metrics), httpClient: vault.httpClient });
  const failure = await failureOf(reader.read(aRead()));
  const asked = vault.requests.filter((request) => request.endsWith(' t1'));
  return { failure, asked, counts };
}

test('what is missing is asked for among the deleted, in one request that is counted as such', async () => {
  const { failure, asked, counts } = await readOf(missing, deleted);

  expect(failure).toMatchObject({
    reason: 'KeyVaultSecretDeleted',
    details: { object: 'db-password', purgeDate: '2027-04-15T08:00:00Z' },
  });
  expect(asked).toEqual(['GET /secrets/db-password/ t1', 'GET /deletedsecrets/db-password t1']);
  expect(counts.at(-1)).toBe('shop-prod.vault.azure.net getDeleted 200');
});

test('no other failure is', async () => {
  const { failure, asked } = await readOf(refusal(403, 'ForbiddenByRbac'), deleted);

  expect(failure.reason).toBe('KeyVaultRoleMissing');
  expect(asked).toHaveLength(1);
});

test.each([missing, refusal(403, 'ForbiddenByPolicy'), refusal(409, 'ObjectIsBeingDeleted')])(
  'the first answer stands when the second says %j',
  async (answer) => {
    const { failure } = await readOf(missing, answer);

    expect(failure.reason).toBe('KeyVaultSecretNotFound');
  },
);
