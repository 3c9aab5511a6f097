import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Application, EntraDirectory, FederatedCredential } from './entraDirectory.ts';
import { refuseOwnAssertion } from './certificateAssertion.ts';
import { entraRefusals, type EntraRefusal, type PresentedAssertion } from './entraErrors.ts';
import { detailedFederationSince } from './entraWording.ts';
import type { EntraFaults } from './faults.ts';
import type { IssuerKeys, KeySet } from './issuerKeys.ts';
import { isKnownResource } from './knownResources.ts';
import type { StandInCloud } from './standInClouds.ts';

export type GrantResult =
  | { kind: 'granted'; application: Application; resource: string }
  | { kind: 'refused'; refusal: EntraRefusal; clientId: string | undefined };

/** What the signature of an assertion is judged by. */
export interface VerifyDeps {
  issuerKeys: IssuerKeys;
  now: () => number;
  log: (line: string) => void;
}

export interface GrantDeps extends VerifyDeps {
  directory: EntraDirectory;
  cloud: StandInCloud;
  faults: () => EntraFaults;
}

const keyVaultApplicationId = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';

/** The client_credentials grant: who asks, is the proof real, which resource is meant. */
export async function grantClientCredentials(
  deps: GrantDeps,
  tenant: string,
  form: URLSearchParams,
): Promise<GrantResult> {
  const clientId = form.get('client_id') ?? undefined;
  const refused = (refusal: EntraRefusal): GrantResult => ({ kind: 'refused', refusal, clientId });
  const refusal = refuseForm(deps, tenant, form);
  if (clientId === undefined || refusal !== undefined) {
    return refused(refusal ?? entraRefusals.missingParameter('client_id'));
  }
  const application = deps.directory.application(clientId);
  if (application?.tenantId.toLowerCase() !== tenant.toLowerCase()) {
    return refused(entraRefusals.unknownApplication(clientId, nameOf(deps, tenant)));
  }
  const denial =
    (await refuseCredential(deps, application, form)) ??
    refuseScope(deps, tenant, form) ??
    refusePrincipal(deps, application);
  if (denial !== undefined) return refused(denial);
  return { kind: 'granted', application, resource: resourceOf(form) };
}

function nameOf({ directory }: Pick<GrantDeps, 'directory'>, tenant: string): string {
  return directory.tenant(tenant)?.displayName ?? tenant;
}

function refuseForm(
  { directory }: GrantDeps,
  tenant: string,
  form: URLSearchParams,
): EntraRefusal | undefined {
  if (directory.tenant(tenant) === undefined) {
    return { ...refusalOfTenant(tenant), error: 'invalid_request' };
  }
  const grant = form.get('grant_type') ?? '';
  return grant === 'client_credentials' ? undefined : entraRefusals.unsupportedGrant(grant);
}

/** A name that no directory can have is refused as such. */
export function refusalOfTenant(tenant: string): EntraRefusal {
  const isName = /^[a-z0-9.-]+$/i.test(tenant);
  return isName ? entraRefusals.unknownTenant(tenant) : entraRefusals.malformedTenant(tenant);
}

function refusePrincipal(
  { faults }: GrantDeps,
  { clientId, disabled, displayName }: Application,
): EntraRefusal | undefined {
  if (disabled) return entraRefusals.disabledApplication(clientId, displayName);
  return faults().conditionalAccess === true ? entraRefusals.blockedByPolicy() : undefined;
}

/** `https://vault.azure.net/.default` asks for `https://vault.azure.net`: one slash goes with it. */
export function resourceOf(form: URLSearchParams): string {
  const resource = (scopeOf(form) ?? '').replace(/\/\.default$/, '');
  return resource === `api://${keyVaultApplicationId}` ? keyVaultApplicationId : resource;
}

/** Sent besides by MSAL for Go, and passed over by Entra ID. */
const openidScopes: ReadonlySet<string> = new Set(['openid', 'offline_access', 'profile']);

/** The v1 endpoint is asked for a resource instead. */
function scopeOf(form: URLSearchParams): string | undefined {
  const resource = form.get('resource');
  const scope = form.get('scope') ?? (resource === null ? undefined : `${resource}/.default`);
  const asked = scope?.split(' ').filter((part) => !openidScopes.has(part));
  return asked?.join(' ');
}

function refuseScope(
  deps: GrantDeps,
  tenant: string,
  form: URLSearchParams,
): EntraRefusal | undefined {
  const scope = scopeOf(form);
  if (scope === undefined) return entraRefusals.missingParameter('scope');
  if (!scope.endsWith('/.default')) return entraRefusals.invalidScope(scope);
  const resource = resourceOf(form);
  if (isKnownResource(deps.cloud, resource)) return undefined;
  return entraRefusals.unknownResource(resource, nameOf(deps, tenant));
}

async function refuseCredential(
  deps: GrantDeps,
  application: Application,
  form: URLSearchParams,
): Promise<EntraRefusal | undefined> {
  const assertion = form.get('client_assertion');
  if (assertion !== null) return refuseAssertion(deps, application, assertion);
  const secret = form.get('client_secret');
  if (secret === null) return entraRefusals.missingCredential();
  if (application.kind !== 'application') return entraRefusals.secretOfManagedIdentity();
  const known = application.clientSecrets.find(({ value }) => value === secret);
  if (known === undefined) return entraRefusals.wrongClientSecret(application.clientId);
  return known.expiresAtMs <= deps.now()
    ? entraRefusals.expiredClientSecret(application.clientId)
    : undefined;
}

async function refuseAssertion(
  deps: GrantDeps,
  application: Application,
  assertion: string,
): Promise<EntraRefusal | undefined> {
  const decoded = decodeAssertion(assertion);
  if (decoded === undefined) return entraRefusals.malformedAssertion();
  const { presented, kid } = decoded;
  if (!presented.issuer.startsWith('https://')) {
    return refuseOwnAssertion(application, { assertion, presented, now: deps.now() });
  }
  const mismatch = refuseMismatch(deps, application, presented);
  if (mismatch !== undefined) return mismatch;
  return refuseSignature(deps, presented, { assertion, kid });
}

export function decodeAssertion(
  assertion: string,
): { presented: PresentedAssertion; kid: string } | undefined {
  try {
    const { kid } = decodeProtectedHeader(assertion);
    const { iss, sub, aud }: JWTPayload = decodeJwt(assertion);
    const audience = Array.isArray(aud) ? aud.join(',') : aud;
    if (iss === undefined || sub === undefined || audience === undefined) return undefined;
    return { presented: { issuer: iss, subject: sub, audience }, kid: kid ?? '' };
  } catch {
    return undefined;
  }
}

/** Exact comparison, case and trailing slash included, as Entra ID does since 2024. */
function refuseMismatch(
  deps: GrantDeps,
  application: Application,
  presented: PresentedAssertion,
): EntraRefusal | undefined {
  const { propagationDelayMs = 0, wordingOf: day = detailedFederationSince } = deps.faults();
  const isVisible = ({ createdAtMs }: FederatedCredential): boolean =>
    createdAtMs + propagationDelayMs <= deps.now();
  const ofIssuer = application.federatedCredentials
    .filter(isVisible)
    .filter(({ issuer }) => issuer === presented.issuer);
  const ofSubject = ofIssuer.filter(({ subject }) => subject === presented.subject);
  if (ofSubject.some(({ audience }) => audience === presented.audience)) return undefined;
  if (day < detailedFederationSince) return entraRefusals.noFederatedCredential(presented);
  if (ofIssuer.length === 0) return entraRefusals.issuerMismatch(presented.issuer);
  if (ofSubject.length === 0) return subjectMismatch(ofIssuer, presented.subject);
  return entraRefusals.audienceMismatch(presented.audience);
}

function subjectMismatch(
  candidates: readonly FederatedCredential[],
  subject: string,
): EntraRefusal {
  const isCaseOnly = candidates.some(
    (candidate) => candidate.subject.toLowerCase() === subject.toLowerCase(),
  );
  return isCaseOnly
    ? entraRefusals.subjectCaseMismatch(subject)
    : entraRefusals.subjectMismatch(subject);
}

export async function refuseSignature(
  deps: VerifyDeps,
  { issuer }: PresentedAssertion,
  { assertion, kid }: { assertion: string; kid: string },
): Promise<EntraRefusal | undefined> {
  const currentDate = new Date(deps.now());
  const verifyWith = async (keys: KeySet): Promise<void> => {
    await jwtVerify(assertion, keys, { issuer, currentDate, requiredClaims: ['exp'] });
  };
  try {
    const keys = await fetchKeys(deps, () => deps.issuerKeys.keysOf(issuer));
    if (keys === undefined) return entraRefusals.unreachableIssuer();
    await verifyWith(keys);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) return refusalOf(deps, error, assertion);
    const renewed = await fetchKeys(deps, () => deps.issuerKeys.refresh(issuer));
    if (renewed === undefined) return entraRefusals.unreachableIssuer();
    return verifyWith(renewed).then(
      () => undefined,
      (second: unknown) =>
        second instanceof errors.JWKSNoMatchingKey
          ? entraRefusals.unknownSigningKey(kid, issuer)
          : refusalOf(deps, second, assertion),
    );
  }
  return undefined;
}

async function fetchKeys(
  deps: VerifyDeps,
  fetching: () => Promise<KeySet>,
): Promise<KeySet | undefined> {
  try {
    return await fetching();
  } catch (error) {
    deps.log(`openid discovery failed: ${String(error)}`);
    return undefined;
  }
}

function refusalOf(deps: VerifyDeps, error: unknown, assertion: string): EntraRefusal {
  const { nbf = 0, exp = 0 } = decodeJwt(assertion);
  const isOutOfTime =
    error instanceof errors.JWTExpired ||
    (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
  if (isOutOfTime) return entraRefusals.expiredAssertion(deps.now(), nbf, exp);
  return entraRefusals.wrongSignature(decodeProtectedHeader(assertion).kid ?? '');
}
