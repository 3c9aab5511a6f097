import type { CatalogueEntry } from './catalogueEntry.ts';

const newSecret =
  'az ad app credential reset --id {clientId} --append --query password --output tsv prints a new one; put it there: kubectl create secret generic {secret} --namespace {namespace} --from-literal={key}=<value> --dry-run=client --output yaml | kubectl apply --server-side --force-conflicts --filename -';
const register = `kubectl get secret {secret} --namespace {namespace} --output json | jq --raw-output '.data["{key}"]' | base64 --decode | openssl x509 > client.crt && az ad app credential reset --id {clientId} --append --cert @client.crt`;

/** VS15x: credentials of applications in Secrets. */
export const credentialErrors = {
  CredentialSecretNotFound: {
    code: 'VS150',
    retry: 'awaitChange',
    actor: 'application team',
    message:
      'Secret {secret} does not exist in namespace {namespace}, or is not labelled as a credential that VaultConnections may use.',
    remedy:
      'Its owner runs: kubectl label secret {secret} --namespace {namespace} vaultsecret.dev/credential=true',
  },
  CredentialKeyMissing: {
    code: 'VS151',
    retry: 'awaitChange',
    actor: 'application team',
    message:
      'Secret {secret} has no key {key}, where VaultConnection {connection} looks for the credential.',
    remedy:
      'Correct spec.servicePrincipal: kubectl edit vaultconnection {connection} --namespace {namespace}. The keys are printed by: kubectl describe secret {secret} --namespace {namespace}',
  },
  CredentialUnreadable: {
    code: 'VS152',
    retry: 'awaitChange',
    actor: 'application team',
    message: 'Key {key} of Secret {secret} in namespace {namespace} {problem}.',
    remedy: '{repair}',
  },
  CredentialChanging: {
    code: 'VS153',
    retry: 'backoff',
    actor: 'nobody',
    message: 'Secret {secret} in namespace {namespace} is being changed in this moment.',
    remedy: 'It is tried again with what it holds then.',
  },
  CredentialReadRefused: {
    code: 'VS154',
    retry: 'backoff',
    actor: 'nobody',
    message:
      'The API server did not give the credential in Secret {secret} of namespace {namespace} (status {status}).',
    remedy:
      'It is tried again. If it lasts, this must say yes: kubectl auth can-i {verb} secrets --namespace {namespace} --as {user}',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** VS22x: what Microsoft Entra ID says of them. */
export const clientCredentialErrors = {
  ClientSecretWrong: {
    code: 'VS220',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Microsoft Entra ID does not know the client secret in key {key} of Secret {secret} for client {clientId} ({aadsts}).',
    remedy: `The value is wanted, not the id of the secret: ${newSecret}`,
  },
  ClientSecretExpired: {
    code: 'VS221',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'The client secret in key {key} of Secret {secret} for client {clientId} has expired ({aadsts}).',
    remedy: `${newSecret}. A managed identity has none that expires.`,
  },
  ClientCertificateUnknown: {
    code: 'VS222',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'The certificate in key {key} of Secret {secret} is not registered on client {clientId} ({aadsts}).',
    remedy: `Run: ${register}; those that are registered: az ad app credential list --id {clientId} --cert`,
  },
  ClientCertificateExpired: {
    code: 'VS223',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'The certificate in key {key} of Secret {secret} for client {clientId} is not valid any more, since {expiresOn} ({aadsts}).',
    remedy: `Put a new certificate with its key into the Secret, and register it: ${register}. A managed identity has none that expires.`,
  },
  ClientCertificateRevoked: {
    code: 'VS224',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'The certificate in key {key} of Secret {secret} for client {clientId} was revoked by its issuer ({aadsts}).',
    remedy: `Put a new certificate with its key into the Secret, and register it: ${register}`,
  },
  CredentialOfManagedIdentity: {
    code: 'VS225',
    retry: 'pollChange',
    actor: 'application team',
    message:
      'Client {clientId} is a managed identity, which has no client secret or certificate ({aadsts}).',
    remedy:
      'Use it as what it is, without a credential: name a ServiceAccount instead of spec.servicePrincipal: kubectl edit vaultconnection {connection} --namespace {namespace}; and bind the identity to it: kubectl annotate serviceaccount <ServiceAccount> --namespace {namespace} azure.workload.identity/client-id={clientId}',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
