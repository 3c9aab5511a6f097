import { expect, test } from 'vitest';
import { readControllerArguments } from '../../src/options/controllerArguments.ts';

test.each([
  ['as the chart writes them', ['run', '--lease-name=a', '--identity-bindings'], true],
  ['with values apart', ['run', '--cloud', 'AzureChina', '--identity-bindings'], true],
  ['of a version that knows more', ['run', '--warp=9', '--identity-bindings', '--more'], true],
  ['without that flag', ['run', '--leader-elect'], false],
  ['that are none', [], false],
])(
  'arguments of a controller, %s, say whether it works with identity bindings',
  (_, args, does) => {
    expect(readControllerArguments(args)).toEqual({ identityBindings: does });
  },
);
