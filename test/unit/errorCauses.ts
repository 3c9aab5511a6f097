import type { ErrorReason } from '../../src/core/errors/errorCatalogue.ts';

/** A test that makes it happen: its file, and its title or the part of it that tells it from the others. */
export type Cause = readonly [file: string, title: string];

const host = 'test/unit/identity/managedIdentityErrors.test.ts';
const core = 'test/unit/core';
const entra = 'test/unit/identity/entraRefusals.test.ts';
const tokens = 'test/unit/identity/tokenReader.test.ts';
const assertions = 'test/unit/identity/assertions.test.ts';
const principal = 'test/unit/identity/servicePrincipal.test.ts';
const entraCodes = 'test/unit/identity/servicePrincipalErrors.test.ts';
const bindings = 'test/unit/identity/identityBindings.test.ts';
const stored = 'test/integration/storedCredentials.test.ts';
const vault = 'test/unit/keyvault/refusals.test.ts';
const noAnswer = 'test/unit/keyvault/noAnswer.test.ts';
const cluster = 'test/integration/clusterRefusals.test.ts';
const connections = 'test/integration/connections.test.ts';
const lending = 'test/integration/lentFailures.test.ts';
const validity = 'test/integration/validity.test.ts';
const ownership = 'test/integration/ownership.test.ts';
const absence = 'test/integration/absence.test.ts';
const failures = 'test/integration/failures.ts';
const render = 'test/integration/render.test.ts';
const merge = 'test/integration/merge.test.ts';
const mergeEnds = 'test/integration/mergeEnds.test.ts';
const adopt = 'test/integration/adopt.test.ts';

/**
 * Through the stand-in or the real API server wherever they let it happen. Those of `test/unit/core` cannot be caused
 * there: the API server refuses such objects, or the test bed always names a tenant.
 */
export const errorCauses: Readonly<Record<ErrorReason, Cause>> = {
  InvalidSpec: [`${core}/obstacle.test.ts`, 'a spec that was stored with'],
  IdentityMissing: [lending, 'nobody is named to read'],
  VaultConnectionNotFound: [connections, 'of another namespace is none'],
  ClusterVaultConnectionNotAvailable: [connections, 'takes a grant by label back at once'],
  ConnectionInvalid: [`${core}/access.test.ts`, 'is told when it is not valid'],
  ObjectNotLent: [connections, 'asks for no object outside its patterns'],
  LentIdentityNotConfigured: [lending, 'the controller has no identity to lend'],
  TokenNotLent: [`${core}/tokens.test.ts`, 'is not lent'],
  LentReadRefused: [lending, 'the token of the controller cannot be read'],
  LentReadUnavailable: [lending, 'the vault throttles'],
  LentTenantMissing: [`${core}/lentIdentity.test.ts`, 'without any tenant'],
  InstanceMetadataUnreachable: [host, 'when nobody answers'],
  InstanceMetadataTimedOut: [host, 'when it holds the request'],
  ManagedIdentityNotAssigned: [host, 'an identity that it does not have'],
  InstanceMetadataNotFound: [host, 'when it answers 404'],
  InstanceMetadataUnavailable: [host, 'when it answers 410'],
  InstanceMetadataThrottled: [host, 'when it throttles'],
  InstanceMetadataRefused: [host, 'when something else answers'],
  ManagedIdentityMismatch: ['test/unit/identity/managedIdentity.test.ts', 'of another client'],
  ManagedIdentityTokenUnreadable: [
    'test/unit/identity/managedIdentityVersions.test.ts',
    'that is encrypted',
  ],
  ServiceAccountTerminating: [
    'test/integration/attacks/recreatedServiceAccount.test.ts',
    'that is deleted and held by a finalizer',
  ],
  ServiceAccountNotFound: [failures, 'the ServiceAccount is missing'],
  ClientIdMissing: [failures, 'the ServiceAccount names no identity'],
  TenantIdMissing: [`${core}/identity.test.ts`, 'without any tenant'],
  IdentityInvalid: [failures, 'the ServiceAccount names an identity that is no UUID'],
  TokenRequestRefused: [assertions, 'is one for another uid'],
  ControllerTokenUnreadable: [lending, 'the token of the controller cannot be read'],
  IdentityBindingMissing: [bindings, 'is told which binding is missing'],
  TokenRequestForbidden: [cluster, 'says which, and works once they are given'],
  HostIdentityUnreachable: [render, 'no identity at all'],
  HostIdentityNotAssigned: [render, 'an identity that the host does not have'],
  HostIdentityRefused: [render, 'a host that throttles'],
  HostIdentityOther: ['test/unit/identity/onlyAsAsked.test.ts', 'is sent nowhere'],
  HostTokenFileUnreadable: [render, 'a token file that is gone'],
  HostTenantMissing: [render, 'a pod without a tenant'],
  FederatedCredentialNotFound: [entra, 'a ServiceAccount that no federated credential names'],
  TenantNotFound: [entra, 'a tenant that does not exist'],
  ApplicationNotFound: [entra, 'an application that the tenant does not know'],
  VaultInOtherTenant: [vault, 'a tenant that is not its own'],
  EntraRefused: [entra, 'whatever else there is, by its code'],
  EntraUnavailable: [entra, 'when it fails'],
  FederatedIssuerNotFound: [entra, 'a cluster that no federated credential names'],
  FederatedAudienceMismatch: [entra, 'a federated credential for another audience'],
  FederatedSubjectCaseMismatch: [entra, 'a federated credential with other capitals'],
  IdentityDisabled: [entra, 'an application that was disabled'],
  ConditionalAccessBlocked: [entra, 'whom conditional access blocks'],
  IssuerUnreachable: [entra, 'an issuer that it cannot reach'],
  IssuerKeyMismatch: [entra, 'a signature that is not of that key'],
  IssuerKeyUnknown: [entra, 'a key that the issuer does not publish'],
  AssertionOutOfTime: [entra, 'a token from a clock that is two hours late'],
  RegistryRefused: [tokens, 'that gives the identity no role'],
  RegistryUnavailable: [tokens, 'that fails'],
  RegistryNotTrusted: [tokens, 'that names another service'],
  TokenResourceUnknown: [tokens, 'of a resource that its cloud has not'],
  ResourceNotInTenant: [tokens, 'for a resource that the tenant does not know'],
  KeyVaultNotInTenant: [entra, 'a service that the tenant does not know'],
  EntraThrottled: [entra, 'when it throttles'],
  CredentialSecretNotFound: [stored, 'is not labelled by its owner'],
  CredentialKeyMissing: [principal, 'has not the key that is named'],
  CredentialUnreadable: [principal, 'is a PKCS #12 file'],
  CredentialChanging: [principal, 'is another than the one that was seen'],
  CredentialReadRefused: [principal, 'when the API server gives none'],
  ClientSecretWrong: [principal, 'a client secret that it does not know'],
  ClientSecretExpired: [principal, 'a client secret that has expired'],
  ClientCertificateUnknown: [principal, 'a certificate that is not registered'],
  ClientCertificateExpired: [principal, 'a certificate that has expired'],
  ClientCertificateRevoked: [entraCodes, 'AADSTS%i'],
  CredentialOfManagedIdentity: [principal, 'a client secret of a managed identity'],
  KeyVaultSecretNotFound: [vault, 'a secret that was never there'],
  KeyVaultSecretDisabled: [vault, 'a secret that is disabled'],
  KeyVaultForbidden: [vault, 'for a reason that nobody knows yet'],
  KeyVaultThrottled: [vault, 'too many requests'],
  KeyVaultUnreachable: [noAnswer, 'that breaks off'],
  KeyVaultFailed: [vault, 'everything, for it is broken'],
  KeyVaultRefused: [vault, 'a request that it does not understand'],
  VaultNotTrusted: [noAnswer, 'whose challenge names another resource'],
  KeyVaultNetworkForbidden: [vault, 'an address outside its firewall'],
  ValueNotDecodable: [failures, 'the value is not what it is to be decoded from'],
  KeyVaultSecretNotYetValid: [validity, 'makes the first Secret in its first moment'],
  KeyVaultSecretExpired: [validity, 'stays when it expires without another'],
  KeyVaultListForbidden: [validity, 'is not guessed without the right to list'],
  KeyVaultSecretGone: [absence, 'keeps its data under policy Retain'],
  KeyVaultConflict: [vault, 'because the secret is about to go'],
  KeyVaultVersionNotFound: [vault, 'a version that is not there'],
  KeyVaultSecretDeleted: [vault, 'a secret that was deleted'],
  KeyVaultRoleMissing: [vault, 'whom no role lets in'],
  KeyVaultPolicyMissing: [vault, 'whom no access policy lets get'],
  KeyVaultPublicAccessDisabled: [vault, 'whoever comes without a private endpoint'],
  KeyVaultHostUnknown: [noAnswer, 'whose name does not resolve'],
  KeyVaultTokenRefused: [vault, 'a token that it does not trust'],
  TargetOwnedByOther: [ownership, 'is not touched; removed, it is made ours'],
  TargetOwnedByVaultSecret: [ownership, 'the second is refused and told whose it is'],
  SecretWriteForbidden: [cluster, 'says which, and works once they are given'],
  SecretRefused: [cluster, 'the API server refuses what its spec makes of the Secret'],
  SecretTooLarge: [failures, 'the Secret would be too large'],
  ApiServerUnavailable: ['test/unit/reconcilers/writeErrors.test.ts', 'the API server fails'],
  SecretImmutable: [cluster, 'its Secret was made immutable'],
  MergeTargetImmutable: [mergeEnds, 'that is immutable by now'],
  SecretTerminating: [cluster, 'its Secret is held while it is deleted'],
  TargetNotLabelled: [adopt, 'waits for its owner to label it'],
  TargetTypeDiffers: [adopt, 'of another type, such as'],
  TargetIsCredential: [merge, 'touches no credential'],
  TargetNotFound: [merge, 'says that there is no Secret'],
  DataKeyConflict: ['test/integration/rivals.test.ts', 'of one key and equal values'],
  TargetIsOwn: [cluster, 'it is to merge into a Secret that is all its own'],
  FinalizerForbidden: [cluster, 'says which, and works once they are given'],
  SecretMissing: [
    'test/integration/typeChange.test.ts',
    'a Secret is deleted and its new one refused',
  ],
  SecretContested: ['test/integration/contest.test.ts', 'an edit war with another controller'],
  HostUnknown: [entra, 'when its name does not resolve'],
  ConnectionRefused: [noAnswer, 'that refuses the connection'],
  AnswerTimedOut: [noAnswer, 'that hangs'],
  CertificateNotTrusted: [noAnswer, 'that shows a false certificate'],
  ProxyFailed: [noAnswer, 'behind a proxy that is not there'],
  PolicyRefused: [cluster, 'a policy refuses its Secret'],
  WebhookRefused: [cluster, 'a webhook refuses its Secret'],
  WebhookUnavailable: [cluster, 'a webhook does not answer'],
  QuotaExceeded: [cluster, 'a quota is full'],
  NamespaceTerminating: [cluster, 'its namespace is held while it is deleted'],
  RequestForbidden: ['test/unit/reconcilers/writeErrors.test.ts', 'a refusal has no known cause'],
  InternalError: ['test/unit/keyvault/client.test.ts', 'when the client itself fails'],
};
