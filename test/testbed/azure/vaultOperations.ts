import {
  createCertificate,
  getCertificate,
  getCertificatePolicy,
  getPendingCertificate,
} from './certificateOperations.ts';
import {
  backupSecret,
  deleteSecret,
  getDeletedSecret,
  purgeSecret,
  recoverSecret,
  restoreSecret,
} from './deletedSecretOperations.ts';
import type { Answer } from './httpAnswer.ts';
import { listDeletedSecrets, listSecrets, listVersions } from './secretListings.ts';
import {
  fail,
  getSecret,
  setSecret,
  updateSecret,
  type OperationInput,
} from './secretOperations.ts';
import { requestErrors } from './vaultErrors.ts';
import type { Operation } from './operationNames.ts';

/** What each operation does once its caller is authorized. */
export const operations: Readonly<
  Record<Operation, (input: OperationInput, body: string) => Answer>
> = {
  get: getSecret,
  getVersion: getSecret,
  list: listSecrets,
  listVersions,
  set: setSecret,
  update: updateSecret,
  delete: deleteSecret,
  getDeleted: getDeletedSecret,
  listDeleted: listDeletedSecrets,
  recover: recoverSecret,
  purge: purgeSecret,
  backup: backupSecret,
  restore: restoreSecret,
  createCertificate,
  getCertificate,
  getPendingCertificate,
  getCertificatePolicy,
  listCertificates: () => fail(requestErrors.notServed('certificate lists')),
  listKeys: () => fail(requestErrors.notServed('keys')),
  getKey: () => fail(requestErrors.notServed('keys')),
  createKey: () => fail(requestErrors.notServed('keys')),
  useKey: () => fail(requestErrors.notServed('keys')),
};
