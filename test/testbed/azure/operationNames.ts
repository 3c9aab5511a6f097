/** What can be asked of a vault; counts and faults go by these names. */
export const operationNames = [
  'get',
  'getVersion',
  'list',
  'listVersions',
  'set',
  'update',
  'delete',
  'getDeleted',
  'listDeleted',
  'recover',
  'purge',
  'backup',
  'restore',
  'createCertificate',
  'getCertificate',
  'getPendingCertificate',
  'getCertificatePolicy',
  'listCertificates',
  'listKeys',
  'getKey',
  'createKey',
  'useKey',
] as const;

export type Operation = (typeof operationNames)[number];
