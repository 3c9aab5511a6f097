/** Refusals of Entra ID, in today's texts as recorded or as quoted in public issue threads. */
export interface EntraRefusal {
  status: 400 | 401;
  error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unauthorized_client'
    | 'invalid_tenant'
    | 'invalid_scope'
    | 'unsupported_grant_type'
    | 'invalid_resource';
  code: number;
  text: string;
}

const federationHelp =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

const refuse = (
  status: EntraRefusal['status'],
  error: EntraRefusal['error'],
  code: number,
  text: string,
): EntraRefusal => ({ status, error, code, text });

const refuseFederation = (code: number, text: string): EntraRefusal =>
  refuse(401, 'invalid_client', code, text);

export interface PresentedAssertion {
  issuer: string;
  subject: string;
  audience: string;
}

export const entraRefusals = {
  unknownTenant: (tenant: string) =>
    refuse(
      400,
      'invalid_tenant',
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
    ),
  /** The text is quoted in the tests of MSAL for .NET (December 2023). */
  malformedTenant: (tenant: string) =>
    refuse(
      400,
      'invalid_request',
      900023,
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`,
    ),
  unknownApplication: (clientId: string, directory: string) =>
    refuse(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${directory}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    ),
  disabledApplication: (clientId: string, displayName: string) =>
    refuse(
      400,
      'unauthorized_client',
      7000112,
      `Application '${clientId}'(${displayName}) is disabled.`,
    ),
  /** The text is quoted in many places; its status and error for a service principal nowhere. */
  blockedByPolicy: () =>
    refuse(
      400,
      'invalid_grant',
      53003,
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    ),
  unsupportedGrant: (grant: string) =>
    refuse(
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant}'.`,
    ),
  missingParameter: (name: string) =>
    refuse(
      400,
      'invalid_request',
      900144,
      `The request body must contain the following parameter: '${name}'.`,
    ),
  missingCredential: () =>
    refuse(
      401,
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  invalidScope: (scope: string) =>
    refuse(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    ),
  unknownResource: (resource: string, tenant: string) =>
    refuse(
      400,
      'invalid_resource',
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
    ),
  /** Of 2016, as the documentation of managed identities still has it. */
  unknownApplicationOfResource: (resource: string, tenant: string) =>
    refuse(
      400,
      'invalid_resource',
      50001,
      `The application named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
    ),
  malformedAssertion: () =>
    refuse(400, 'invalid_request', 50027, 'JWT token is invalid or malformed.'),
  clientMismatch: () =>
    refuse(
      401,
      'invalid_client',
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .",
    ),
  unregisteredCertificate: (clientId: string, thumbprint: string) =>
    refuse(
      401,
      'invalid_client',
      700027,
      `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${clientId}'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a query request URL, such as 'https://graph.microsoft.com/beta/applications/${clientId}'].`,
    ),
  /** As quoted at the turn to 2026; the form of the two dates is that of the quotes. */
  expiredCertificate: (thumbprint: string, notBeforeMs: number, notAfterMs: number) =>
    refuse(
      401,
      'invalid_client',
      700027,
      `The certificate with identifier used to sign the client assertion is expired on application. [Reason - The key used is expired., Thumbprint of key used by client: '${thumbprint}', Found key 'Start=${invariant(notBeforeMs)}, End=${invariant(notAfterMs)}'].`,
    ),
  wrongAudience: () =>
    refuse(
      401,
      'invalid_client',
      700023,
      'Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials.',
    ),
  /** https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes has no text; this is how it is quoted. */
  secretOfManagedIdentity: () =>
    refuse(401, 'invalid_client', 7000232, 'MSI identity should not use ClientSecretCredential.'),
  expiredAssertion: (nowMs: number, notBefore: number, expiry: number) =>
    refuse(
      401,
      'invalid_client',
      700024,
      `Client assertion is not within its valid time range. Current time: ${ticks(nowMs)}, assertion valid from ${ticks(notBefore * 1000)}, expiry time of assertion ${ticks(expiry * 1000)}. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .`,
    ),
  wrongClientSecret: (clientId: string) =>
    refuse(
      401,
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    ),
  expiredClientSecret: (clientId: string) =>
    refuse(
      401,
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
    ),
  /** The text until 2023, for every kind of mismatch. */
  noFederatedCredential: (presented: PresentedAssertion) =>
    refuse(
      400,
      'invalid_request',
      70021,
      `No matching federated identity record found for presented assertion. Assertion Issuer: '${presented.issuer}'. Assertion Subject: '${presented.subject}'. Assertion Audience: '${presented.audience}'. https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation`,
    ),
  issuerMismatch: (issuer: string) =>
    refuseFederation(
      700211,
      `No matching federated identity record found for presented assertion issuer '${issuer}'. ${federationHelp}`,
    ),
  audienceMismatch: (audience: string) =>
    refuseFederation(
      700212,
      `No matching federated identity record found for presented assertion audience '${audience}'. ${federationHelp}`,
    ),
  subjectMismatch: (subject: string) =>
    refuseFederation(
      700213,
      `No matching federated identity record found for presented assertion subject '${subject}'. ${federationHelp}`,
    ),
  /** Since August 2024 (Azure/login issue 515). */
  subjectCaseMismatch: (subject: string) =>
    refuseFederation(
      7002138,
      `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. ${federationHelp}`,
    ),
  unreachableIssuer: () => refuseFederation(50166, 'Request to External OIDC endpoint failed.'),
  unknownSigningKey: (kid: string, issuer: string) =>
    refuseFederation(
      7000272,
      `The certificate with identifier ${kid} used to sign the federated credential could not be found in the metadata of identity provider ${issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.`,
    ),
  /** No public record of this one for a federated credential: worded as for a certificate's. */
  wrongSignature: (kid: string) =>
    refuseFederation(
      700027,
      `Client assertion contains an invalid signature. [Reason - The provided signature value did not match the expected signature value., Thumbprint of key used by client: '${kid}'].`,
    ),
};

/** A point in time as .NET prints it without a culture. */
function invariant(epochMs: number): string {
  const [year, month, day] = new Date(epochMs).toISOString().slice(0, 10).split('-');
  return `${month}/${day}/${year} ${new Date(epochMs).toISOString().slice(11, 19)}`;
}

/** A point in time as .NET prints it, with seven decimals. */
function ticks(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '0000Z');
}
