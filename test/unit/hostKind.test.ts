import { beforeEach, expect, test, vi } from 'vitest';
import { readHostKind } from '../../src/options/hostKind.ts';

const names = [
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_CLIENT_ID',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'MSI_SECRET',
];
beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined);
});

test.each<readonly [readonly string[], string]>([
  [[], 'instanceMetadata'],
  [['AZURE_CLIENT_ID'], 'instanceMetadata'],
  [['AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'], 'workloadIdentity'],
  [['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'], 'appService'],
  [['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT'], 'serviceFabric'],
  [['IDENTITY_ENDPOINT', 'IMDS_ENDPOINT'], 'azureArc'],
  [['MSI_ENDPOINT', 'MSI_SECRET'], 'machineLearning'],
  [['MSI_ENDPOINT'], 'cloudShell'],
])('%j make it %s', (set, kind) => {
  for (const name of set) vi.stubEnv(name, 'x');

  expect(readHostKind()).toBe(kind);
});

test('an empty variable is an unset one', () => {
  vi.stubEnv('IDENTITY_ENDPOINT', 'x');
  vi.stubEnv('IDENTITY_HEADER', '');

  expect(readHostKind()).toBe('instanceMetadata');
});
