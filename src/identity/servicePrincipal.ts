import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { ReconcileError } from '../core/errors/errors.ts';
import { rightDetails } from '../core/errors/refusedBy.ts';
import {
  credentialKeys,
  type ServicePrincipalIdentity,
} from '../core/observed/servicePrincipal.ts';
import { redact, reveal, type Redacted } from '../core/redacted.ts';
import type { AccessToken, TokenRequest } from '../ports/azure.ts';
import type {
  CertificateExpiries,
  CredentialClient,
  CredentialSecret,
} from '../ports/credentials.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { Clock } from '../ports/system.ts';
import { readClientCertificate } from './clientCertificate.ts';
import { createEntraWitness } from './entraWitness.ts';
import { servicePrincipalError } from './servicePrincipalErrors.ts';
import type { Exchange } from './tokenSource.ts';

export interface ServicePrincipalDeps {
  readonly credentials: Pick<CredentialClient, 'read'>;
  readonly httpClient: HttpClient;
  readonly certificateExpiries: Pick<CertificateExpiries, 'learn'>;
  readonly clock: Clock;
}

type Request = TokenRequest & { readonly identity: ServicePrincipalIdentity };

/** What proves the application: held from the read of the Secret to the answer of Microsoft Entra ID. */
type Proof =
  | { readonly secret: Redacted<string> }
  | { readonly pem: Redacted<string>; readonly expiresAt: number };

/**
 * Presents the client secret or certificate of an application to Microsoft Entra ID.
 * https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function createServicePrincipalExchange(
  deps: ServicePrincipalDeps,
): Exchange<ServicePrincipalIdentity> {
  return async (request) => exchange(deps, request);
}

async function exchange(deps: ServicePrincipalDeps, request: Request): Promise<AccessToken> {
  const { identity, scope, refused } = request;
  const proof = await proofOf(deps.credentials, identity);
  if ('pem' in proof) deps.certificateExpiries.learn(identity.credential, proof.expiresAt);
  const witness = createEntraWitness(deps.httpClient);
  try {
    const credential = createCredential(identity, proof, witness.httpClient);
    const claims = refused?.claims;
    const token = await credential.getToken(scope, claims === undefined ? {} : { claims });
    return { token: redact(token.token), expiresAt: token.expiresOnTimestamp };
  } catch {
    throw servicePrincipalError(witness.last(), {
      identity,
      scope,
      certificateExpiresAt: 'pem' in proof ? proof.expiresAt : undefined,
      now: deps.clock.now(),
    });
  }
}

/** A new one for each exchange: @azure/identity keeps tokens in each instance. */
function createCredential(
  { tenantId, clientId, cloud: { authorityHost } }: ServicePrincipalIdentity,
  proof: Proof,
  httpClient: HttpClient,
): ClientSecretCredential | ClientCertificateCredential {
  const options = {
    authorityHost,
    disableInstanceDiscovery: true,
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  };
  return 'secret' in proof
    ? new ClientSecretCredential(tenantId, clientId, reveal(proof.secret), options)
    : new ClientCertificateCredential(
        tenantId,
        clientId,
        { certificate: reveal(proof.pem) },
        options,
      );
}

/** @throws ReconcileError of the codes VS15x */
async function proofOf(
  credentials: Pick<CredentialClient, 'read'>,
  identity: ServicePrincipalIdentity,
): Promise<Proof> {
  const keys = credentialKeys(identity.credential.key);
  const { values } = await readSeen(credentials, identity, keys);
  const parts = keys.map((wanted) => {
    const value = values.get(wanted);
    if (value === undefined) throw missing(identity, wanted);
    return value;
  });
  return identity.kind === 'clientSecret'
    ? secretProof(identity, parts)
    : certificateProof(identity, parts);
}

function secretProof(
  identity: ServicePrincipalIdentity,
  parts: readonly Redacted<Uint8Array>[],
): Proof {
  // Files and shells leave a line break behind, and no client secret has one.
  const secret = parts
    .map((part) => Buffer.from(reveal(part)).toString('utf8'))
    .join('')
    .trim();
  if (secret !== '') return { secret: redact(secret) };
  const { connection: _, ...details } = detailsOf(identity);
  const repair = `Put the client secret there: kubectl create secret generic ${details.secret} --namespace ${details.namespace} --from-literal=${details.key}=<value> --dry-run=client --output yaml | kubectl apply --server-side --force-conflicts --filename -`;
  throw new ReconcileError('CredentialUnreadable', {
    details: { ...details, problem: 'is empty', repair },
  });
}

function certificateProof(
  identity: ServicePrincipalIdentity,
  parts: readonly Redacted<Uint8Array>[],
): Proof {
  const read = readClientCertificate(parts);
  if ('pem' in read) return read;
  throw new ReconcileError('CredentialUnreadable', {
    details: { ...detailsOf(identity), ...read },
  });
}

/** A token is kept under the state of the Secret that was seen, so it must be got with that very state. */
async function readSeen(
  credentials: Pick<CredentialClient, 'read'>,
  identity: ServicePrincipalIdentity,
  keys: readonly string[],
): Promise<CredentialSecret> {
  const { namespace, credential } = identity;
  const { secretName: name, uid, resourceVersion } = credential;
  const secret = await credentials.read({ namespace, name }, keys).catch((cause: unknown) => {
    throw readError(cause, identity);
  });
  if (secret?.uid === uid && secret.resourceVersion === resourceVersion) return secret;
  throw new ReconcileError('CredentialChanging', { details: detailsOf(identity) });
}

function readError(cause: unknown, identity: ServicePrincipalIdentity): ReconcileError {
  const { status, retryAfterMs, refusedBy } =
    cause instanceof KubeApiError ? cause : { status: 0, refusedBy: undefined };
  const details = { ...detailsOf(identity), status, ...rightDetails(refusedBy, 'get') };
  return new ReconcileError('CredentialReadRefused', { details, retryAfterMs, cause });
}

function missing(identity: ServicePrincipalIdentity, key: string): ReconcileError {
  const details = { ...detailsOf(identity), key };
  return new ReconcileError('CredentialKeyMissing', { details });
}

function detailsOf({ namespace, credential, connection }: ServicePrincipalIdentity) {
  const { secretName: secret, key = 'tls.crt' } = credential;
  return { namespace, secret, key, connection };
}
