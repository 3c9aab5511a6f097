import { describe, expect, test } from 'vitest';
import { errorCatalogue, type ErrorReason } from '../../../src/core/errors/errorCatalogue.ts';
import { fixCommandsOf } from '../../../src/core/errors/fixCommands.ts';

const reasons = Object.keys(errorCatalogue).filter(
  (reason): reason is ErrorReason => reason in errorCatalogue,
);

/** What is known of every failure where the commands are printed. */
const context = {
  namespace: 'shop',
  vaultSecret: 'app',
  vaultOwner: 'vaultsecret app --namespace shop',
  vaultHost: 'shop.vault.azure.net',
  vaultName: 'shop',
  index: 0,
};

describe('commands that mend a failure', () => {
  test.each(reasons)('of %s speak only of what its explanation knows', (reason) => {
    const { message, remedy } = errorCatalogue[reason];
    const known = [...`${message}${remedy}`.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    // These stand in the details of every failure of their kind, also where no sentence needs them.
    const always = ['objectName', 'object', 'serviceAccount', 'subject', 'issuer', 'credential'];
    const details = Object.fromEntries([...known, ...always].map((name) => [name, 'x']));

    for (const command of fixCommandsOf(reason, { ...context, clientId: 'x', ...details }))
      expect(command).not.toMatch(/\{\w+\}/);
  });

  test('are those for an application where an application reads', () => {
    const [command] = fixCommandsOf('ApplicationNotFound', { ...context, principal: 'yes' });

    expect(command).toContain('kubectl patch vaultsecret app --namespace shop');
    expect(command).toContain('"servicePrincipal"');
  });
});
