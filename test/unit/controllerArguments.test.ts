import { expect, test } from 'vitest';
import { readControllerArguments } from '../../src/options/controllerArguments.ts';

test.each<readonly [string, readonly string[], boolean, string | undefined]>([
  ['as the chart writes them', ['run', '--lease-name=a', '--identity-bindings'], true, undefined],
  ['with values apart', ['run', '--cloud', 'AzureChina', '--identity-bindings'], true, undefined],
  ['with another default', ['run', '--azure-tenant-id=t', '--identity-bindings'], true, 't'],
  [
    'of a version that knows more',
    ['run', '--warp=9', '--identity-bindings', '--more'],
    true,
    undefined,
  ],
  ['without that flag', ['run', '--leader-elect'], false, undefined],
  ['that are none', [], false, undefined],
])('arguments of a controller, %s, say how it works', (_, args, identityBindings, tenant) => {
  expect(readControllerArguments(args)).toEqual({ identityBindings, azureTenantId: tenant });
});
