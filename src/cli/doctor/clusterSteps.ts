import { azureClouds, type VaultInCloud } from '../../api/cloud.ts';
import type { ServicePrincipalSpec } from '../../api/servicePrincipal.ts';
import type { Access, AccessInput } from '../../core/access/access.ts';
import { resolveAccess } from '../../core/access/access.ts';
import { connectionErrors } from '../../core/errors/connectionErrors.ts';
import { ReconcileError } from '../../core/errors/errors.ts';
import {
  readingServiceAccount,
  vaultUrlOf,
  type ObservedConnection,
} from '../../core/observed/connection.ts';
import {
  clientIdOf,
  isLentIdentity,
  type ObservedServiceAccount,
} from '../../core/observed/identity.ts';
import {
  credentialSecretOf,
  readingServicePrincipal,
} from '../../core/observed/servicePrincipal.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import { specProblem } from '../../core/secret/specProblem.ts';
import type { Assertion, AssertionSource } from '../../identity/assertions.ts';
import type { ObjectName } from '../../ports/kube.ts';
import { ProblemError } from './problem.ts';
import type { DoctorTools } from './tools.ts';
import type { Reached } from './walk.ts';

/** A VaultSecret with its connection, and whose identity would read. */
export interface Connected {
  readonly vaultSecret: VaultSecret;
  readonly connection: ObservedConnection | undefined;
  readonly vaultUrl: string;
}

type Tools = Pick<
  DoctorTools,
  'cluster' | 'controllerOf' | 'probe' | 'defaultTenantId' | 'homeCloud'
>;

export async function findVaultSecret(
  { cluster }: Tools,
  at: ObjectName,
): Promise<Reached<VaultSecret>> {
  const vaultSecret = await cluster.vaultSecret(at);
  if (vaultSecret === undefined) throw new ProblemError(missing(at));
  const problem = vaultSecret.problem ?? specProblem(vaultSecret.spec);
  if (problem !== undefined) throw new ReconcileError('InvalidSpec', { details: problem });
  const { generation } = vaultSecret;
  return {
    value: vaultSecret,
    detail: `generation ${generation}, its spec is valid`,
  };
}

function missing({ namespace, name }: ObjectName) {
  return {
    reason: 'VaultSecretNotFound',
    actor: 'application team',
    message: `VaultSecret ${name} does not exist in namespace ${namespace}.`,
    remedy: 'Name one that exists; this lists them.',
    commands: [`kubectl get vaultsecrets --namespace ${namespace}`],
  };
}

export async function findConnection(
  { cluster }: Tools,
  vaultSecret: VaultSecret,
): Promise<Reached<Connected>> {
  const { spec, namespace } = vaultSecret;
  const ref = spec.vaultConnectionRef;
  const connection = ref && (await cluster.connection(namespace, ref));
  const access = accessOf({ vaultSecret, connection, ...ofController });
  if (!access.ok && access.error.reason in connectionErrors) throw access.error;
  const vaultUrl = vaultUrlOf(spec, connection) ?? '';
  const by = ref === undefined ? 'spec.vaultUrl' : `${ref.kind} ${ref.name}`;
  return { value: { vaultSecret, connection, vaultUrl }, detail: `${vaultUrl} by ${by}` };
}

/** The vault, and the cloud that an administrator may have described with it. */
export function placeOf({ connection, vaultUrl }: Connected): VaultInCloud {
  return connection?.kind === 'ClusterVaultConnection' ? connection.spec : { vaultUrl };
}

/** The identity is the controller's, which nobody else can prove. */
export function isLent({ vaultSecret, connection }: Connected): boolean {
  const access = accessOf({ vaultSecret, connection, ...ofController });
  return access.ok && isLentIdentity(access.value.identity);
}

export async function findServiceAccount(
  { cluster }: Tools,
  { vaultSecret, connection }: Connected,
): Promise<Reached<ObservedServiceAccount>> {
  const { namespace, spec } = vaultSecret;
  const name = readingServiceAccount(spec, connection) ?? '';
  const serviceAccount = await cluster.serviceAccount({ namespace, name });
  if (serviceAccount === undefined) {
    const details = { namespace, serviceAccount: name };
    throw new ReconcileError('ServiceAccountNotFound', { details });
  }
  return { value: serviceAccount, detail: name };
}

export async function findIdentity(
  { controllerOf, probe, defaultTenantId, homeCloud }: Tools,
  connected: Connected,
  serviceAccount: ObservedServiceAccount,
): Promise<Reached<Access>> {
  const input = { ...connected, serviceAccount, homeCloud };
  const named = accessOf({ ...input, defaultTenantId });
  if (named.ok) return identified(named.value);
  if (named.error.reason !== 'TenantIdMissing') throw named.error;
  const controller = await controllerOf(connected.vaultSecret);
  const told = controller?.azureTenantId;
  const assumed = accessOf({
    ...input,
    defaultTenantId: told ?? (await probe(placeOf(connected))).tenantId,
  });
  if (!assumed.ok) throw assumed.error;
  const remark =
    told === undefined
      ? ', the one of the vault because none is named here'
      : `, the default of ${controller?.toldBy}`;
  return identified(assumed.value, remark);
}

function identified(access: Access, remark = ''): Reached<Access> {
  return { value: access, detail: `${namesOf(access)}${remark}` };
}

function namesOf({ identity }: Access): string {
  return `client ${clientIdOf(identity)} in tenant ${identity.tenantId}`;
}

export function servicePrincipalOf({ vaultSecret, connection }: Connected) {
  return readingServicePrincipal(vaultSecret.spec, connection);
}

/** The Secret that proves an application; what it holds is seen by Microsoft Entra ID alone. */
export async function findCredential(
  { cluster }: Tools,
  connected: Connected,
  spec: ServicePrincipalSpec,
): Promise<Reached<Access>> {
  const { namespace } = connected.vaultSecret;
  const name = credentialSecretOf(spec);
  const access = accessOf({
    ...connected,
    credential: await cluster.credential({ namespace, name }),
  });
  if (!access.ok) throw access.error;
  return { value: access.value, detail: `Secret ${name}, ${namesOf(access.value)}` };
}

export async function requestToken(
  assertions: AssertionSource,
  { identity }: Access,
): Promise<Reached<Assertion>> {
  if (identity.kind !== 'workloadIdentity') throw new TypeError('no ServiceAccount proves it');
  const assertion = await assertions.acquire(identity);
  const { issuer, subject } = assertion;
  return { value: assertion, detail: `issuer ${issuer}, subject ${subject}` };
}

const unseen = '00000000-0000-0000-0000-000000000000';
/** Stand for what the controller was started with, which is not to be seen from here. */
const ofController = {
  defaultTenantId: unseen,
  controllerIdentity: { clientId: unseen },
};

function accessOf(input: Partial<AccessInput> & Pick<AccessInput, 'vaultSecret' | 'connection'>) {
  return resolveAccess({
    serviceAccount: undefined,
    defaultTenantId: undefined,
    credential: undefined,
    controllerIdentity: undefined,
    homeCloud: azureClouds.AzurePublic,
    ...input,
  });
}
