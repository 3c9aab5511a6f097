import { cloudOf, type Cloud } from '../../api/cloud.ts';
import { vaultUrlOf } from '../../core/observed/connection.ts';
import { explain, ReconcileError } from '../../core/errors/errors.ts';
import { targetType } from '../../core/observed/target.ts';
import { reveal } from '../../core/redacted.ts';
import { renderData } from '../../core/secret/render.ts';
import { specProblem } from '../../core/secret/specProblem.ts';
import { valuesOf, type Fetched } from '../../core/plan/fetched.ts';
import { wantedRefs } from '../../core/select/select.ts';
import { asIdentity, type HostToken, type HostTokens } from '../../identity/hostIdentity.ts';
import { OptionsError } from '../../options/optionsError.ts';
import type { TokenSource } from '../../ports/azure.ts';
import type { Clock } from '../../ports/system.ts';
import { fetchAll, type SourceDeps } from '../../reconcilers/fetch.ts';
import type { DescribedVaultSecret } from '../manifestFile.ts';

export interface RenderTools {
  readonly hostTokens: (cloud: Cloud) => HostTokens;
  readonly homeCloud: Cloud;
  readonly openReaders: (tokens: TokenSource) => SourceDeps;
  readonly clock: Clock;
}

/** Several objects may fail at once, and each is to be told. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  readonly errors: readonly ReconcileError[];

  constructor(errors: readonly ReconcileError[]) {
    super(errors.map(explain).join('\n'));
    this.errors = errors;
  }
}

/**
 * The data of the Secret that the VaultSecret describes, all of them or none, read as whoever this host is: the same
 * choice of versions and the same rendering as in the cluster. @throws RenderError, OptionsError
 */
export async function renderVaultSecret(
  described: DescribedVaultSecret,
  tools: RenderTools,
): Promise<ReadonlyMap<string, Buffer>> {
  const vaultUrl = vaultUrlIn(described);
  const cloud = cloudIn(described, vaultUrl, tools.homeCloud);
  const hostTokens = tools.hostTokens(cloud);
  const { vaultSecret } = described;
  const { spec, namespace } = vaultSecret;
  try {
    const token = await hostTokens(cloud.scope);
    const access = { vaultUrl, identity: asIdentity(token, namespace, cloud) };
    const fetched = await fetchAll(
      tools.openReaders(held(token, cloud.scope, hostTokens)),
      { now: tools.clock.now(), record: undefined, vaultSecret },
      access,
      wantedRefs(vaultSecret),
    );
    const failures = failuresIn(fetched, token);
    if (failures.length > 0) throw new RenderError(failures);
    const data = renderData(targetType(spec), spec.data, valuesOf(fetched));
    return new Map(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(reveal(value), 'base64')]),
    );
  } catch (thrown) {
    throw thrown instanceof ReconcileError ? new RenderError([thrown]) : thrown;
  }
}

function vaultUrlIn({ vaultSecret, connection }: DescribedVaultSecret): string {
  const { spec, name } = vaultSecret;
  const problem = vaultSecret.problem ?? specProblem(spec);
  if (problem !== undefined)
    throw new RenderError([new ReconcileError('InvalidSpec', { details: problem })]);
  const vaultUrl = vaultUrlOf(spec, connection);
  const { vaultConnectionRef: ref } = spec;
  // Tokens are wanted without any vault.
  if (ref === undefined) return vaultUrl ?? '';
  if (vaultUrl !== undefined && connection?.problem === undefined) return vaultUrl;
  throw new OptionsError(
    `${ref.kind} ${ref.name}, which VaultSecret ${name} names, ${connection === undefined ? 'is not in the file: put it there' : 'is not valid'}`,
  );
}

function cloudIn({ connection }: DescribedVaultSecret, vaultUrl: string, homeCloud: Cloud): Cloud {
  if (vaultUrl === '') return homeCloud;
  const named = connection?.kind === 'ClusterVaultConnection' ? connection.spec : { vaultUrl };
  const cloud = cloudOf(named);
  if (cloud === undefined) throw new OptionsError(`${vaultUrl} is a vault of no known cloud`);
  return cloud.name === homeCloud.name ? homeCloud : cloud;
}

/** The token that told who we are serves for all reads, until a vault refuses it. */
function held(token: HostToken, ofScope: string, hostTokens: HostTokens): TokenSource {
  return {
    acquire: async ({ scope, refused }) =>
      refused === undefined && scope === ofScope ? token : hostTokens(scope),
  };
}

function failuresIn(fetched: Fetched, token: HostToken): readonly ReconcileError[] {
  return [...fetched.values()].flatMap((result) =>
    result.ok ? [] : [toldHere(result.error, token)],
  );
}

/** A host has the tenant that it has, and no annotation that could name another. */
function toldHere(error: ReconcileError, { tenantId, clientId }: HostToken): ReconcileError {
  if (error.reason !== 'VaultInOtherTenant') return error;
  const tenantCommand = `az vm identity assign on a host of that tenant; this one is client ${clientId} of tenant ${tenantId}`;
  const { vaultHost = '' } = error.details;
  return new ReconcileError('VaultInOtherTenant', {
    details: { ...error.details, vaultHost, tenantId, clientId, tenantCommand },
  });
}
