import { randomUUID } from 'node:crypto';
import { entraRefusals } from './entraErrors.ts';
import { refusalAnswer } from './entraWording.ts';
import type { AppServiceText } from './faults.ts';
import type { HostTokenAnswer, HostTokenDeps } from './hostTokens.ts';
import type { IdentityChoice } from './managedIdentities.ts';

/** Refusals of instance metadata and of App Service. */
export const imdsServer = { server: 'IMDS/150.870.65.1475' };

export const imdsRefusal = (error: string, description: string, status = 400): HostTokenAnswer => ({
  status,
  headers: imdsServer,
  body: { error, error_description: description },
});

/** Both texts are quoted in many public issues. */
export function refuseIdentity(
  choice: Exclude<IdentityChoice, { kind: 'found' }>,
): HostTokenAnswer {
  return imdsRefusal(
    'invalid_request',
    choice.kind === 'several'
      ? 'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request'
      : 'Identity not found',
  );
}

/** Of Entra ID, handed on: quoted in the tests of MSAL for .NET (November 2022). The name of the tenant is printed. */
export function refuseResource(
  { directory, now, faults, entraFaults }: HostTokenDeps,
  tenantId: string,
  resource: string,
): HostTokenAnswer {
  const tenant = directory.tenant(tenantId)?.displayName ?? tenantId;
  const { documentedErrors = false } = faults();
  const refusal = documentedErrors
    ? entraRefusals.unknownApplicationOfResource(resource, tenant)
    : entraRefusals.unknownResource(resource, tenant);
  const day = documentedErrors ? documentedDay : entraFaults().wordingOf;
  const correlationId = randomUUID();
  const { status, body = {} } = refusalAnswer(refusal, { nowMs: now(), correlationId, day });
  const uri = `https://westeurope.login.microsoft.com/error?code=${refusal.code}`;
  return {
    status,
    headers: imdsServer,
    body: 'error_uri' in body ? { ...body, error_uri: uri } : body,
  };
}

/** The time stamp in the example of the documentation. */
const documentedDay = '2016-04-11';

/** The one 5xx that the documentation describes, with the path of a log file that the tests of an SDK have. */
export const imdsFailure: HostTokenAnswer = imdsRefusal(
  'unknown',
  String.raw`Failed to retrieve token from the Active directory. For details see logs in C:\Logs\Plugins\Microsoft.Identity.MSI\1.0\service_identity_0.log`,
  500,
);

const appServiceRefusal = (statusCode: number, message: string): HostTokenAnswer => ({
  status: statusCode,
  body: { statusCode, message, correlationId: randomUUID() },
});

/** From the live tests of MSAL, from logs of 2025 and from quotes of 2020. Which host has which is not known. */
const appServiceTexts: Readonly<Record<AppServiceText, string>> = {
  noUserAssigned:
    'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
  notLoaded: 'Unable to load the proper Managed Identity.',
  noMsi: 'No MSI found for specified ClientId/ResourceId.',
};

export function refuseAppServiceIdentity(
  { faults }: HostTokenDeps,
  isNamed: boolean,
): HostTokenAnswer {
  const { appServiceText = isNamed ? 'noUserAssigned' : 'notLoaded' } = faults();
  return appServiceRefusal(400, appServiceTexts[appServiceText]);
}

/** Also for a resource that does not exist, and where Entra ID cannot be reached. The spelling is the service's. */
export const appServiceFailure = (): HostTokenAnswer =>
  appServiceRefusal(500, 'An unexpected error occured while fetching the AAD Token.');
