import type { Cloud } from '../../api/cloud.ts';
import type { ServicePrincipalSpec } from '../../api/servicePrincipal.ts';
import type { VaultSecretSpec } from '../../api/vaultSecret.ts';
import type { ObservedConnection, VaultConnection } from './connection.ts';

/** A Secret whose owner lets it be used as a credential: without its values. */
export interface ObservedCredential {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Milliseconds since the Unix epoch; undefined while its certificate, if it is one, was not looked at. */
  readonly certificateExpiresAt?: number | undefined;
}

/** Where the credential of an application lies, and which state of it was seen. */
export interface StoredCredential extends ObservedCredential {
  readonly secretName: string;
  /** Undefined: tls.crt and tls.key. */
  readonly key: string | undefined;
}

/** An application of Microsoft Entra ID with a credential in a Secret of the VaultSecret's own namespace. */
export interface ServicePrincipalIdentity {
  readonly kind: 'clientSecret' | 'clientCertificate';
  readonly namespace: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly cloud: Cloud;
  readonly credential: StoredCredential;
  /** The VaultConnection that names it, for explanations. */
  readonly connection: string;
}

/** The application that reads, if one is named: a ServiceAccount of the VaultSecret itself goes before it. */
export function readingServicePrincipal(
  { serviceAccountName }: VaultSecretSpec,
  connection: ObservedConnection | undefined,
): ServicePrincipalSpec | undefined {
  if (serviceAccountName !== undefined || connection?.kind !== 'VaultConnection') return undefined;
  return connection.spec.servicePrincipal;
}

export function credentialSecretOf({ secretRef, certificateRef }: ServicePrincipalSpec): string {
  return (secretRef ?? certificateRef)?.name ?? '';
}

const tlsKeys = ['tls.key', 'tls.crt'] as const;

/** Under which the credential lies in its Secret, in the order in which its parts are read. */
export function credentialKeys(key: string | undefined): readonly string[] {
  return key === undefined ? tlsKeys : [key];
}

export function credentialKeyOf({ secretRef, certificateRef }: ServicePrincipalSpec) {
  return (secretRef ?? certificateRef)?.key;
}

export function credentialKindOf({
  secretRef,
}: ServicePrincipalSpec): ServicePrincipalIdentity['kind'] {
  return secretRef === undefined ? 'clientCertificate' : 'clientSecret';
}

export function servicePrincipalIdentity(
  spec: ServicePrincipalSpec,
  { namespace, name }: VaultConnection,
  { uid, resourceVersion }: ObservedCredential,
  cloud: Cloud,
): ServicePrincipalIdentity {
  return {
    kind: credentialKindOf(spec),
    namespace,
    // Microsoft Entra ID names them in lower case, as a vault's challenge does.
    clientId: spec.clientId.toLowerCase(),
    tenantId: spec.tenantId.toLowerCase(),
    cloud,
    credential: {
      uid,
      resourceVersion,
      secretName: credentialSecretOf(spec),
      key: credentialKeyOf(spec),
    },
    connection: name,
  };
}

/** Total: whatever of it changes, whom it speaks for has to be proved anew. */
export function credentialKey({
  uid,
  resourceVersion,
  key = '',
}: StoredCredential): readonly string[] {
  return [uid, resourceVersion, key];
}
