import { cloudOf } from '../../api/cloud.ts';
import {
  readingServiceAccount,
  vaultUrlOf,
  type ObservedConnection,
} from '../../core/observed/connection.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import { vaultNameOf } from '../../core/source/keyVaultSecret.ts';
import { specProblem } from '../../core/secret/specProblem.ts';
import { OptionsError } from '../../options/optionsError.ts';
import type { NamedVault, SetUpInput } from './setUpInput.ts';

export type Described = Pick<SetUpInput, 'vault' | 'serviceAccount' | 'namespace' | 'secret'>;

/** What a VaultSecret says of its set-up. @throws OptionsError */
export function describedBy(
  vaultSecret: VaultSecret,
  connection: ObservedConnection | undefined,
): Described {
  const { namespace, name, spec } = vaultSecret;
  const problem = vaultSecret.problem ?? specProblem(spec) ?? connection?.problem;
  if (problem !== undefined)
    throw new OptionsError(`VaultSecret ${name} is not valid: ${problem.field} ${problem.problem}`);
  if (namespace === '')
    throw new OptionsError(`VaultSecret ${name} names no namespace; name it with --namespace`);
  return {
    vault: vaultOf(vaultSecret, connection),
    serviceAccount: readerOf(vaultSecret, connection),
    namespace,
    secret: [...new Set(spec.data.flatMap(({ secret }) => secret?.name ?? []))],
  };
}

function vaultOf(
  { name, spec }: VaultSecret,
  connection: ObservedConnection | undefined,
): NamedVault {
  const { vaultConnectionRef: ref } = spec;
  const vaultUrl = vaultUrlOf(spec, connection);
  if (vaultUrl !== undefined) {
    const place = connection?.kind === 'ClusterVaultConnection' ? connection.spec : { vaultUrl };
    return { name: vaultNameOf(vaultUrl), cloud: cloudOf(place)?.name };
  }
  throw new OptionsError(
    `${ref?.kind} ${ref?.name}, which VaultSecret ${name} names, is not there; in a file it must stand beside it; or name --vault and --service-account instead of the VaultSecret`,
  );
}

function readerOf({ name, spec }: VaultSecret, connection: ObservedConnection | undefined): string {
  const serviceAccount = readingServiceAccount(spec, connection);
  if (serviceAccount !== undefined) return serviceAccount;
  throw new OptionsError(
    `VaultSecret ${name} names no ServiceAccount: an identity that ${connection?.kind} ${connection?.name} lends reads for it; set that one up, with --vault and with --host or the controller's --service-account`,
  );
}
