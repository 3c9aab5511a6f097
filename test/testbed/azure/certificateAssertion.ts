import { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { Application } from './entraDirectory.ts';
import { entraRefusals, type EntraRefusal, type PresentedAssertion } from './entraErrors.ts';

/**
 * Clients round up to the next second and run ahead: MSAL for JavaScript dates `nbf` up to half a second late.
 * Five minutes are what Microsoft's own validation of tokens allows.
 */
const skewSeconds = 300;

/** An assertion that the application signed itself. */
export interface OwnAssertion {
  readonly assertion: string;
  readonly presented: PresentedAssertion;
  readonly now: number;
}

/**
 * Is it signed with a certificate that is registered on the application and still valid?
 * https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials
 */
export async function refuseOwnAssertion(
  application: Application,
  { assertion, presented, now }: OwnAssertion,
): Promise<EntraRefusal | undefined> {
  const { clientId } = application;
  if (presented.subject.toLowerCase() !== clientId.toLowerCase())
    return entraRefusals.clientMismatch();
  const thumbprint = thumbprintOf(assertion);
  const certificate = application.certificates.find((one) => one.thumbprints.includes(thumbprint));
  if (certificate === undefined) return entraRefusals.unregisteredCertificate(clientId, thumbprint);
  if (certificate.notAfterMs <= now)
    return entraRefusals.expiredCertificate(
      thumbprint,
      certificate.notBeforeMs,
      certificate.notAfterMs,
    );
  if (!isForTenant(presented.audience, application.tenantId)) return entraRefusals.wrongAudience();
  return refuseSignature(certificate.pem, assertion, now);
}

async function refuseSignature(
  pem: string,
  assertion: string,
  now: number,
): Promise<EntraRefusal | undefined> {
  try {
    const { publicKey } = new X509Certificate(pem);
    await jwtVerify(assertion, publicKey, {
      algorithms: ['PS256', 'RS256'],
      currentDate: new Date(now),
      clockTolerance: skewSeconds,
      requiredClaims: ['exp'],
    });
    return undefined;
  } catch (error) {
    return error instanceof errors.JWTExpired
      ? entraRefusals.expiredAssertion(now, 0, Number(error.payload.exp))
      : entraRefusals.wrongSignature(thumbprintOf(assertion));
  }
}

/** SHA-1 or SHA-256 of the certificate, as capital letters; else the key id as it was sent. */
function thumbprintOf(assertion: string): string {
  const { kid = '', x5t, 'x5t#S256': sha256 } = decodeProtectedHeader(assertion);
  const encoded = typeof sha256 === 'string' ? sha256 : x5t;
  if (encoded === undefined) return kid;
  return Buffer.from(encoded, 'base64url').toString('hex').toUpperCase();
}

/** The token endpoint or the issuer of the tenant, on whichever host of Microsoft Entra ID. */
function isForTenant(audience: string, tenantId: string): boolean {
  if (!URL.canParse(audience)) return false;
  const [, tenant = ''] = new URL(audience).pathname.split('/');
  return tenant.toLowerCase() === tenantId.toLowerCase();
}
