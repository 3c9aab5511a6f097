import { attributesOf, keyId, secretId, vaultHost, type BundleScope } from './secretBundles.ts';
import type { StoredCertificate, Vault } from './vaultStore.ts';

/** Bodies of the certificate operations, keys in the service's order. */
export function certificateId(vault: Vault, name: string): string {
  return `https://${vaultHost(vault)}/certificates/${name}`;
}

export function pendingBundle(vault: Vault, certificate: StoredCertificate): object {
  const { name, requestId, status } = certificate;
  const id = certificateId(vault, name);
  const progress =
    status === 'inProgress'
      ? {
          status,
          status_details:
            'Pending certificate created. Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.',
        }
      : { status, target: id };
  return {
    id: `${id}/pending`,
    issuer: certificate.policy.issuer,
    csr: certificate.request.toString('base64'),
    cancellation_requested: false,
    ...progress,
    request_id: requestId,
  };
}

export function certificateBundle(scope: BundleScope, certificate: StoredCertificate): object {
  const { vault } = scope;
  const { name, version } = certificate;
  const id = certificateId(vault, name);
  return {
    id: `${id}/${version.id}`,
    kid: keyId(vault, name, version.id),
    sid: secretId(vault, name, version.id),
    x5t: certificate.thumbprint.toString('base64url'),
    cer: certificate.certificate.toString('base64'),
    attributes: attributesOf(scope, version),
    ...(version.tags === undefined ? {} : { tags: version.tags }),
    policy: policyBundle(vault, certificate),
    pending: { id: `${id}/pending` },
  };
}

export function policyBundle(vault: Vault, certificate: StoredCertificate): object {
  const { name, policy, createdAtMs } = certificate;
  const created = Math.floor(createdAtMs / 1000);
  return {
    id: `${certificateId(vault, name)}/policy`,
    ...policy,
    attributes: { enabled: true, created, updated: created },
  };
}
