import { ReconcileError } from '../core/errors/errors.ts';
import { isRightMissing } from '../core/errors/vaultAccessErrors.ts';
import type { KeyVaultSecret } from '../core/source/keyVaultSecret.ts';
import { listForbiddenError, unusableError } from '../core/source/unusable.ts';
import {
  chooseVersion,
  problemOf,
  validityProblem,
  type SecretVersion,
  type Unusable,
  type Validity,
} from '../core/source/validity.ts';
import type { ReadRequest, SecretReader } from '../ports/azure.ts';

/**
 * Reads the pinned version, else the newest that is usable now. Key Vault answers the last created one, whatever its
 * `nbf` and `exp`, and refuses it while it is disabled: only then are the versions listed, which needs a right of its own.
 * A pin is taken at its word, and only `enabled` counts: the value that somebody chose must not be taken from an
 * application at a date that Key Vault itself does not enforce. `inUse`: the version that the Secret holds.
 * @throws ReconcileError
 */
export async function readUsable(
  reader: SecretReader,
  request: ReadRequest,
  now: number,
  inUse?: string,
): Promise<KeyVaultSecret> {
  if (request.ref.version !== undefined) return reader.read(request);
  const newest = await readNewest(reader, request, now);
  if ('secret' in newest) return newest.secret;
  const { usable, supersededAt, ...listed } = chooseVersion(
    await listVersions(reader, request, newest),
    now,
    { newest: newest.version, inUse },
  );
  if (usable === undefined) {
    const problem = listed.newest === undefined ? undefined : problemOf(listed.newest, now);
    const retryAfterMs = supersededAt === undefined ? undefined : supersededAt * 1000 - now;
    throw unusableError(
      request,
      problem ?? newest.problem,
      listed.newest ?? newest.validity,
      retryAfterMs,
    );
  }
  const { name } = request.ref;
  const secret = await reader.read({ ...request, ref: { name, version: usable.version } });
  return supersededAt === undefined ? secret : { ...secret, supersededAt };
}

interface UnusableNewest {
  readonly problem: Unusable;
  readonly validity: Validity;
  /** Unknown of a disabled one. */
  readonly version?: string;
}

async function readNewest(
  reader: SecretReader,
  request: ReadRequest,
  now: number,
): Promise<UnusableNewest | { readonly secret: KeyVaultSecret }> {
  try {
    const secret = await reader.read(request);
    const problem = validityProblem(secret, now);
    return problem === undefined
      ? { secret }
      : { problem, validity: secret, version: secret.version };
  } catch (thrown) {
    if (thrown instanceof ReconcileError && thrown.reason === 'KeyVaultSecretDisabled')
      return { problem: 'disabled', validity: {} };
    throw thrown;
  }
}

async function listVersions(
  reader: SecretReader,
  request: ReadRequest,
  { problem }: UnusableNewest,
): Promise<readonly SecretVersion[]> {
  try {
    return await reader.listVersions(request);
  } catch (thrown) {
    if (thrown instanceof ReconcileError && isRightMissing(thrown.reason))
      throw listForbiddenError(request, problem, thrown);
    throw thrown;
  }
}
