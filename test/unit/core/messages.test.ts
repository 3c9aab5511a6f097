import { describe, expect, test } from 'vitest';
import { azureClouds } from '../../../src/api/cloud.ts';
import { explain, ReconcileError } from '../../../src/core/errors/errors.ts';
import { resolveIdentity } from '../../../src/core/access/boundIdentity.ts';
import { quoted } from '../../../src/core/quoted.ts';
import { objectDetails, type KeyVaultSecretRef } from '../../../src/core/source/keyVaultSecret.ts';
import { goneError } from '../../../src/core/source/unusable.ts';
import { versionOne } from './builders.ts';

const vaultUrl = 'https://shop-prod.vault.azure.net';
const disabled = (ref: KeyVaultSecretRef) =>
  explain(new ReconcileError('KeyVaultSecretDisabled', { details: objectDetails(vaultUrl, ref) }));
const gone = (isDeleted: boolean) =>
  explain(
    goneError(
      { vaultUrl, ref: { name: 'db' } },
      { consequence: 'Secret shop keeps the last value', isDeleted },
    ),
  );
const inAnnotation = (clientId: string) => {
  const result = resolveIdentity({
    namespace: 'shop',
    serviceAccountName: 'app',
    serviceAccount: { uid: 'u', clientId },
    clientId: undefined,
    defaultTenantId: undefined,
    cloud: azureClouds.AzurePublic,
  });
  return result.ok ? '' : result.error.message;
};
const silent = explain(
  new ReconcileError('AnswerTimedOut', { details: { host: 'h.example', cause: 'ETIMEDOUT' } }),
);
const enable = (object: string) =>
  `Run: az keyvault secret set-attributes --id https://shop-prod.vault.azure.net/secrets/${object} --enabled true`;
const annotation =
  'Annotation azure.workload.identity/client-id of ServiceAccount app is not a UUID';

describe('a message says what is so', () => {
  test.each([
    [
      'of a newest version that is disabled',
      disabled({ name: 'db' }),
      `VS302: Secret db in Key Vault shop-prod.vault.azure.net is disabled, and there is no other version to use instead. ${enable('db')}`,
    ],
    [
      'of a pinned version that is disabled',
      disabled({ name: 'db', version: versionOne }),
      `VS302: Secret db/${versionOne} in Key Vault shop-prod.vault.azure.net is disabled, and spec.data[].secret.version allows no other version. ${enable(`db/${versionOne}`)}`,
    ],
    [
      'of an object that can be recovered',
      gone(true),
      'VS314: Key Vault shop-prod.vault.azure.net does not have secret db any more: Secret shop keeps the last value. To bring it back run: az keyvault secret recover --vault-name shop-prod --name db; if it is gone for good, remove it from spec.data.',
    ],
    [
      'of an object that is purged',
      gone(false),
      'VS314: Key Vault shop-prod.vault.azure.net does not have secret db any more: Secret shop keeps the last value. Key Vault shows none to recover. To make it again run: az keyvault secret set --vault-name shop-prod --name db --file <file>; if it is gone for good, remove it from spec.data.',
    ],
    [
      'of a host that is slow, or silent',
      silent,
      'VS503: h.example does not answer in time (ETIMEDOUT). It is tried again. If it lasts, the service is slow, and https://azure.status.microsoft shows known outages; or something on the way drops the packets, such as a network policy: kubectl get networkpolicies --all-namespaces',
    ],
    ['of an id with a blank', inAnnotation(' 1'), `${annotation}: " 1".`],
    ['of an id with a line break', inAnnotation('1\n'), `${annotation}: "1\\n".`],
    ['of an id that is empty', inAnnotation(''), `${annotation}: "".`],
  ])('%s', (_, message, expected) => {
    expect(message).toBe(expected);
  });
});

test.each([
  ['\u00a0a\u200b', String.raw`"\u00a0a\u200b"`],
  ['a"b\\', String.raw`"a\"b\\"`],
  ['\u007f\r\t', String.raw`"\u007f\r\t"`],
  ['x'.repeat(65), `"${'x'.repeat(64)}..."`],
])('%j is quoted so that each character is seen', (text, expected) => {
  expect(quoted(text)).toBe(expected);
});
