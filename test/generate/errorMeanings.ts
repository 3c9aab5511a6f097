import type { ErrorReason } from '../../src/core/errors/errorCatalogue.ts';

/** What a message has no room for: where a failure comes from, and what is mistaken for it. Markdown. */
export const errorMeanings: Readonly<Record<ErrorReason, string>> = {
  InvalidSpec:
    'The stored spec breaks a rule. The API server refuses such a spec, so this one was stored before the rule was in the CRD: apply `crds/` of the version that runs.',
  IdentityMissing:
    'The connection names only a vault and lends no identity, and neither the VaultSecret nor the connection names a ServiceAccount. Nobody reads on their own account: there is no default identity.',
  VaultConnectionNotFound:
    'VaultConnections are looked for in the namespace of the VaultSecret alone.',
  ClusterVaultConnectionNotAvailable:
    'A connection that does not exist and one that does not allow the namespace look alike, so that nobody learns the names of others. A grant by label counts from the moment in which the namespace has the label, and no longer.',
  ConnectionInvalid:
    'The stored connection breaks a rule of its CRD, as with VS101. It is not used, not even in part.',
  ObjectNotLent:
    'A lent identity reads only objects that match a pattern of its connection. The name is judged before any request is sent, so this says nothing about whether the object exists. A name that fits several namespaces, by any pattern of any connection to the vault, belongs to the longest of them, whether that one is allowed or not; where two are as long it belongs to none. The condition `NamesOverlap` of the connection names them.',
  LentIdentityNotConfigured:
    "The workload identity webhook gives the controller's pod `AZURE_CLIENT_ID` and a token file when label and annotation are there at the start of the pod. Without them there is nothing to lend.",
  LentReadRefused:
    'The code in brackets leads to the section that explains the failure. Ids and vault are for the owner of the identity: they stand in the log and, when the identity itself is refused, on the ClusterVaultConnection. A name that is missing or misspelt does not change the status of the connection, which others use too.',
  LentTenantMissing:
    'A vault names its tenant before it is given a token, and so does the token: both must be the tenant that the administrator named.',
  InstanceMetadataUnreachable:
    'Virtual machines, scale sets and AKS nodes have a metadata service under a link-local address, which gives tokens of the managed identities of the host to whoever asks from it. AKS can close it to pods.',
  InstanceMetadataTimedOut:
    'The service answers within milliseconds. AAD Pod Identity, which stands in front of it in old clusters, holds a request for 80 to 100 seconds until the identity is assigned to the node; the controller does not wait so long.',
  ManagedIdentityNotAssigned:
    'The identity exists or not: it is not assigned to the machine on which the controller runs. Every node on which its pod may run needs it.',
  InstanceMetadataNotFound:
    'The service says 404 for seconds while it is updated. AAD Pod Identity says so when no AzureIdentityBinding selects the pod.',
  InstanceMetadataUnavailable:
    '410 comes while the service is updated, for up to 70 seconds; 500 and more are troubles of its own or of Microsoft Entra ID behind it, for instance for an identity that was deleted.',
  InstanceMetadataThrottled:
    'The service takes about 20 requests a second from a whole node. The controller asks once a day for each namespace that borrows an identity.',
  InstanceMetadataRefused:
    'An answer that the metadata service does not give: something else answers under its address, such as a proxy or a metadata guard.',
  ManagedIdentityMismatch:
    'The token was read before it was used. A host without a system-assigned identity answers with its only user-assigned one when asked for the former; a tenant differs when `spec.tenantId` or the default of the controller is not the tenant of the host.',
  ManagedIdentityTokenUnreadable:
    'An API can have its tokens encrypted, and Microsoft promises no format for those of its services. A token that cannot be read may be of another identity or for another resource, so it is not handed out.',
  LentReadUnavailable: 'As VS136, for failures that pass by themselves.',
  TokenNotLent:
    'A token is more than the objects that a lent identity reads: who holds it may do all that the identity may. So each scope must be lent by name.',
  RegistryRefused:
    'The registry took the token of Microsoft Entra ID and found no role for the identity. AcrPull is enough to pull; a new assignment takes up to some minutes.',
  RegistryUnavailable: 'The registry answers with an error, or not as registries do.',
  RegistryNotTrusted:
    'Before the token is sent the registry must name itself in its `WWW-Authenticate` header. A proxy that reads the traffic, or a private endpoint with the wrong address, answers otherwise.',
  TokenResourceUnknown:
    'The names stand for scopes that differ from cloud to cloud; not every one is known for every cloud.',
  ResourceNotInTenant:
    'The scope names no application or service that the tenant has. It is the application ID URI and `/.default`.',
  ServiceAccountNotFound:
    'The ServiceAccount that is to read the vault is missing. One that is made again under the same name is somebody new: nothing that its predecessor was given is used for it.',
  ServiceAccountTerminating:
    'The API server goes on to issue tokens of a ServiceAccount that is deleted while a finalizer holds it. Who deletes it takes its access away, so it is not used from that moment on, however warm its tokens are. The Secret keeps its last value.',
  ClientIdMissing:
    'The annotation is the one that Microsoft Entra Workload ID uses for pods. Its value is the client id, not the object id, of a managed identity or application.',
  TenantIdMissing:
    'Needed once, for all ServiceAccounts of one tenant: `azure.tenantId` of the chart.',
  IdentityInvalid: 'Often a name stands there, or the resource id of the identity.',
  TokenRequestRefused:
    'The API server is overloaded or restarting, or the ServiceAccount has been made again in this very moment.',
  ControllerTokenUnreadable:
    'The file that `AZURE_FEDERATED_TOKEN_FILE` names cannot be read or holds no token. Only connections that lend the identity of the controller are affected.',
  IdentityBindingMissing:
    'With `--identity-bindings` tokens are asked of the proxy of AKS, which asks the API server whether the ServiceAccount may use the identity. Nothing in Microsoft Entra ID decides about it.',
  TokenRequestForbidden:
    'The right is part of the ClusterRole of the chart. Without it the controller cannot prove who the application is.',
  HostIdentityUnreachable:
    'Met by `render` and `token`. Neither the metadata service of a virtual machine nor the endpoint that App Service, Functions and Arc name by `IDENTITY_ENDPOINT` answers.',
  HostIdentityNotAssigned:
    'The host answers, and has no such identity; or it has several user-assigned ones and none was named. A new assignment takes up to a minute to be known on the host.',
  HostIdentityRefused:
    'The metadata service is restarting or throttles. On App Service a 500 without a name may also mean that the app has no identity.',
  HostIdentityOther:
    'A host with one identity only may answer with that, whichever was asked for, and in a pod with workload identity the library takes the token of the pod instead.',
  HostTokenFileUnreadable:
    'Met by commands in a pod. The webhook puts the file there at the start of the pod, if it has the label by then.',
  HostTenantMissing: 'Met by commands in a pod. The webhook sets `AZURE_TENANT_ID` as well.',
  FederatedCredentialNotFound:
    'The identity does not trust this ServiceAccount. Issuer, subject and audience are compared exactly. A new credential takes up to a minute to be known everywhere. For an application instead of a managed identity the command is `az ad app federated-credential create`.',
  TenantNotFound:
    'The tenant id is wrong, or belongs to another cloud: `--azure-authority-host` names the cloud.',
  ApplicationNotFound:
    'The identity was deleted, its id misspelt, or it lives in another tenant. The tenant is right: a wrong one is VS202. Often the object id was taken for the client id.',
  VaultInOtherTenant:
    'A vault names its tenant before it takes a token; none was sent. A managed identity reads only vaults of its own tenant; an application can be installed in several.',
  EntraRefused: 'Microsoft Entra ID gave a code that has no section here.',
  EntraUnavailable:
    'An answer of 500 or more, one that is not from Microsoft Entra ID, or a connection that broke off. Tokens last an hour and more and are renewed early, so a short outage is not felt.',
  FederatedIssuerNotFound:
    'The cluster was made anew or its issuer was changed, or the credential was made for another cluster. The subject was not judged yet.',
  FederatedAudienceMismatch:
    'Issuer and subject fit. The names of the credentials are printed by `az identity federated-credential list --identity-name <managed identity> --resource-group <group> --output table`.',
  FederatedSubjectCaseMismatch:
    'Since August 2024 capitals count. Kubernetes names have none, so the credential has one too many.',
  IdentityDisabled:
    'The service principal is there and its federated credential fits, but it may not sign in.',
  ConditionalAccessBlocked:
    'Policies for workload identities judge applications that are registered in the tenant, mostly by the address they come from; managed identities are not judged. The sign-in log of service principals names the policy.',
  IssuerUnreachable:
    'To verify a token Microsoft Entra ID reads the discovery document of its issuer from the internet. Seen for minutes at a time with AKS; always where the issuer of a cluster of your own is not public.',
  IssuerKeyUnknown:
    'Mostly the control plane has a new key, and Microsoft Entra ID still has the list from before. It lasts where the keys of the issuer are published by hand, and were not.',
  IssuerKeyMismatch:
    'The issuer publishes other keys under the same names, or it belongs to another cluster.',
  AssertionOutOfTime:
    'Tokens of ServiceAccounts are dated by the API server. A clock that is minutes off is enough.',
  KeyVaultNotInTenant:
    'The tenant never used Key Vault, or the vault belongs to another cloud than the tenant.',
  EntraThrottled:
    'Too many token requests of the tenant or of this client. Each identity asks for one token an hour.',
  CredentialSecretNotFound:
    'The label is the consent of whoever owns the Secret: without it, whoever may write VaultConnections could make the controller present any Secret of the namespace to Microsoft Entra ID. It is also what the controller watches by, so a rotated credential is used within seconds. Secrets of other namespaces are never used.',
  CredentialKeyMissing:
    'A `certificateRef` without `key` takes `tls.key` and `tls.crt`, which cert-manager writes.',
  CredentialUnreadable:
    'The value was looked at before anything was sent. PEM with the private key and the certificate, in any order, with or without a chain, is what is wanted.',
  CredentialChanging:
    'The Secret was changed between the moment in which the controller saw it and the moment in which it read it. A token is only kept for the state of the Secret that it was got with.',
  CredentialReadRefused:
    'The API server is overloaded or restarting, or the controller lacks the right to get Secrets, which is part of the ClusterRole of the chart.',
  ClientSecretWrong:
    'The secret was deleted in Microsoft Entra ID, belongs to another application, or its id was taken for its value: the value is shown only once, when it is made. A new one takes up to a minute to be known everywhere.',
  ClientSecretExpired:
    'Client secrets last two years at most and expire without a warning; their date can be read in Microsoft Entra ID alone: `az ad app credential list --id <client id>`.',
  ClientCertificateUnknown:
    'The certificate was renewed in the cluster and not in Microsoft Entra ID, as cert-manager does by itself, or it is registered on another application.',
  ClientCertificateExpired:
    'The date stands in the certificate. `vaultsecret_next_client_certificate_expiry_timestamp_seconds` tells of it before.',
  ClientCertificateRevoked:
    'Microsoft Entra ID asks the issuer of a certificate for revocations where the tenant trusts an authority of its own.',
  CredentialOfManagedIdentity:
    'Managed identities prove themselves by where they run. No credential can be added to one.',
  KeyVaultSecretNotFound:
    'No secret has this name, and none that was deleted can be recovered under it. Names are compared without regard to capitals.',
  KeyVaultSecretDisabled:
    'The newest version is disabled, and so are all others that are valid now; or the version is pinned. The Secret keeps its last value.',
  KeyVaultForbidden:
    'Key Vault refuses with a code that is neither of its roles nor of its access policies: VS315 and VS316 are the usual ones.',
  KeyVaultThrottled:
    'A vault takes 4,000 reads in ten seconds, from all its clients together. The controller stays below that, and slows down further when the vault says so; other vaults are not affected.',
  KeyVaultUnreachable: 'A connection was made and ended before an answer came.',
  KeyVaultFailed: 'Key Vault has trouble of its own.',
  KeyVaultRefused:
    'An answer that fits no other section. Without a code of Key Vault it comes from something in between, such as a proxy; a redirect is never followed.',
  VaultNotTrusted:
    'A Key Vault says whose tokens it takes before it is given one. This host said something else, so it got none: the URL is wrong, or somebody pretends to be the vault.',
  KeyVaultNetworkForbidden:
    'Firewall and security perimeter are judged before rights, so a missing role may show afterwards. The address is the one that Key Vault saw: the outgoing address of the cluster.',
  ValueNotDecodable: 'Neither the value nor a part of it is shown anywhere.',
  KeyVaultSecretNotYetValid: 'The change comes in the very second, without a refresh.',
  KeyVaultSecretExpired:
    'Key Vault itself still gives out expired values; the controller does not use them for a new Secret. The Secret keeps its last value.',
  KeyVaultListForbidden:
    'As long as the newest version is usable, the right to read is enough. To find another one, the versions must be listed.',
  KeyVaultSecretGone:
    'It was there when the Secret was last written. Straight after a recovery Key Vault may say so for minutes, so nothing is removed within the first ten, and with `deletionPolicy: Retain` nothing at all.',
  KeyVaultConflict: 'Deleting and recovering take Key Vault seconds to minutes.',
  KeyVaultVersionNotFound: 'The version that `spec.data[].secret.version` pins is not there.',
  KeyVaultSecretDeleted:
    'Soft-deleted: the name is taken and cannot be set anew before it is recovered or purged.',
  KeyVaultRoleMissing:
    'The vault uses Azure RBAC, and the network let the controller through. _Key Vault Reader_ reads no values; _Key Vault Secrets User_ does.',
  KeyVaultPolicyMissing:
    'The vault uses access policies. `get` is enough to read the newest version; `list` finds another one when that is disabled or expired.',
  KeyVaultPublicAccessDisabled:
    'Public network access is off. Either there is no private endpoint in the network of the cluster, or the name resolves to the public address: the private DNS zone `privatelink.vaultcore.azure.net` must be linked to that network.',
  KeyVaultHostUnknown:
    'A vault that does not exist has no address. With a private endpoint its record may be missing in the private zone.',
  KeyVaultTokenRefused:
    'The token is for Key Vault and of the right tenant, and is still not taken. A new one was tried at once.',
  TargetOwnedByOther:
    'A Secret of this name was there before and has no mark of a VaultSecret. Nothing is ever overwritten.',
  TargetOwnedByVaultSecret:
    'Two VaultSecrets want one Secret. The first goes on writing it and shows a condition `Conflict`. When its spec names another Secret, the other takes this one over.',
  SecretWriteForbidden:
    'The right is part of the ClusterRole of the chart; in namespaced mode of a Role in each namespace.',
  SecretRefused: 'Something that only the API server judges, such as a key of an annotation.',
  SecretTooLarge: 'Kubernetes takes 1 MiB of values in a Secret, and 256 KiB of annotations.',
  ApiServerUnavailable: 'The Secret is as it was. Status 0 means that no answer came.',
  SecretImmutable: 'Somebody set `immutable: true`, which cannot be taken back.',
  MergeTargetImmutable:
    'Its owner set `immutable: true`, which cannot be taken back, and the Secret is not ours to remove.',
  SecretTerminating: 'A finalizer holds it. Until the Secret is to be changed, nothing is shown.',
  TargetNotLabelled:
    'The admission rules of the chart let the controller update only what bears its label, so the owner of an existing Secret must set it.',
  TargetTypeDiffers: 'The type of a Secret cannot be changed.',
  TargetIsCredential:
    'Tokens of ServiceAccounts and releases of Helm have their values from others, and somebody else would pay for a wrong one.',
  TargetNotFound:
    'The Secret is made by somebody else; its keys come as soon as it is there and labelled.',
  DataKeyConflict:
    'Several VaultSecrets may merge into one Secret as long as each data key is of one of them. Equal values make no difference: they would differ one day.',
  TargetIsOwn:
    'The Secret was made by this VaultSecret when its policy was another. Were it merged into, it would be left without an owner, and a change of the policy back would take its keys out.',
  FinalizerForbidden:
    'With `creationPolicy: Merge` the keys must be taken out of the Secret before the VaultSecret goes, which a finalizer makes sure of.',
  SecretMissing:
    'Pods that mount the Secret cannot start until it is back. The message of the refusal, with its own code, is part of this one.',
  SecretContested:
    'Often a GitOps tool or another operator has the same Secret in its care and puts its own values back. Ten repairs are made at once, then the pauses double. Ten minutes after the last repair it counts as over; an edit of the VaultSecret or a refresh that is asked for begins anew at once.',
  HostUnknown: 'The DNS of the cluster does not know a host of Azure that surely exists.',
  ConnectionRefused: 'Somebody answered, and said no: the network works up to there.',
  AnswerTimedOut:
    'Nobody answered, neither yes nor no. With a private endpoint a missing peering looks like this.',
  CertificateNotTrusted:
    'The connection is ended before anything is sent. An expired certificate or one for another name (`ERR_TLS_CERT_ALTNAME_INVALID`) is not mended by `--ca-file`: then `--resolve` or the DNS leads to the wrong host.',
  ProxyFailed:
    'The number is the answer of the proxy: 407 wants a user, 403 forbids the host, 502 and 503 cannot find it, for which a vault that does not exist is the usual reason. A word means that the proxy itself cannot be reached.',
  PolicyRefused:
    'The policy may be about Secrets, or about tokens of ServiceAccounts. A MutatingAdmissionPolicy refuses when one of its expressions fails, for example because it reads an annotation that the object does not have.',
  WebhookRefused:
    'For instance Kyverno or Gatekeeper. What the webhook said is not repeated: it may hold parts of the Secret.',
  WebhookUnavailable: 'Its failure policy is `Fail`, so nothing can be written without it.',
  QuotaExceeded: 'Mostly `count/secrets`. Updates of an existing Secret still pass.',
  NamespaceTerminating: 'The VaultSecret goes with the namespace.',
  RequestForbidden:
    'The API server names a missing right when there is one, and then the code is VS403, VS122 or VS415. This is a refusal in words that the controller does not know, so it claims no cause. An API server that has just started answers in this way until its policies are loaded.',
  InternalError:
    'A defect of the controller. The log line `unexpected failure` says where; it holds no values.',
};
