import { parseArgs } from 'node:util';
import { flags } from './flags.ts';

/** What a controller was started with, as far as a command must do as it does. */
export interface ControllerArguments {
  readonly identityBindings: boolean;
  /** Its default. */
  readonly azureTenantId?: string | undefined;
}

/** Of another version maybe: a flag that is not known here is passed over. */
export function readControllerArguments(args: readonly string[]): ControllerArguments {
  const { values } = parseArgs({
    args: [...args],
    options: flags,
    strict: false,
    allowPositionals: true,
  });
  const tenantId = values['azure-tenant-id'];
  return {
    identityBindings: values['identity-bindings'] === true,
    azureTenantId: typeof tenantId === 'string' ? tenantId : undefined,
  };
}
