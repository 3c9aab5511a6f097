import { expect, test } from 'vitest';
import { decodeClusterVaultConnection } from '../../../src/kube/decodeConnection.ts';

const clientId = '11111111-1111-4111-8111-111111111111';

test('a lent identity that an older schema let pass with two ids is none', () => {
  const identity = { kind: 'UserAssignedIdentity', clientId, objectId: clientId };
  const { body } = decodeClusterVaultConnection({
    metadata: { name: 'platform', uid: 'u', resourceVersion: '1' },
    spec: {
      vaultUrl: 'https://platform.vault.azure.net',
      allowedNamespaces: { names: ['shop'] },
      lend: { identity, objectPatterns: ['*'] },
    },
  });

  expect(body.problem?.field).toBe('spec.lend.identity');
  expect(body.spec.lend).toBeUndefined();
});
