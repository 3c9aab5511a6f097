import { expect, test, vi } from 'vitest';
import { explained } from '../explained.ts';
import { startAzureWorld } from './azureWorld.ts';
import { lentManagedIdentity } from './lentManagedIdentity.ts';

/** Alone in its file: the library looks at its variables once in the life of a process. */
test('a managed identity is asked for at the metadata service or not at all, whatever a variable says', async () => {
  vi.stubEnv('IDENTITY_ENDPOINT', 'http://evil.example/msi/token');
  vi.stubEnv('IDENTITY_HEADER', 'x');
  const world = await startAzureWorld();
  const identity = lentManagedIdentity(world, { by: 'system' });
  const scope = 'https://vault.azure.net/.default';

  const failure = await explained(world.adapters().tokens.acquire({ identity, scope }), [
    'NOT_METADATA',
  ]);

  expect(failure.reason).toBe('InstanceMetadataUnreachable');
  expect((await world.admin.requestCounts()).counts).toEqual([]);
  await world.close();
});
