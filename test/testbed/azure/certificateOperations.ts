import { randomBytes } from 'node:crypto';
import { issueCertificate } from './certificateMaterial.ts';
import { createCertificateSchema } from './certificatePolicy.ts';
import type { Answer } from './httpAnswer.ts';
import {
  certificateBundle,
  certificateId,
  pendingBundle,
  policyBundle,
} from './certificateBundles.ts';
import { fail, ok, parse, refuseState, type OperationInput } from './secretOperations.ts';
import { requestErrors } from './vaultErrors.ts';
import { putVersion, type StoredCertificate } from './vaultStore.ts';

/** How long a client shall wait before it polls again, as recorded. */
const polling = { 'retry-after': '10' };

/**
 * Issues at once. The first look at the pending certificate still finds it in progress, or every look within the
 * consistency delay of the vault: clients that poll without a pause were recorded to be told so more than once.
 */
export function createCertificate(input: OperationInput, text: string): Answer {
  const body = parse(createCertificateSchema, text);
  if (body.kind === 'error') return fail(body.error);
  const { vault, name, nowMs } = input;
  const known = vault.secrets.get(name.toUpperCase());
  if (known?.newest.managed === false) return fail(requestErrors.nameTaken(name));
  const refusal = refuseState(vault, name, nowMs);
  if (refusal !== undefined) return fail(refusal);
  const { policy, tags, attributes } = body.value;
  const issuer = vault.certificateIssuers.get(policy.issuer.name.toUpperCase());
  if (issuer === undefined && policy.issuer.name !== 'Self') {
    return fail(requestErrors.invalidBody('policy.issuer.name'));
  }
  const material = issueCertificate(policy, nowMs, issuer);
  const seconds = Math.floor(nowMs / 1000);
  const { contentType } = policy.secret_props;
  const isPem = contentType === 'application/x-pem-file';
  const version = putVersion(
    vault,
    name,
    {
      value: isPem ? material.pem : material.pfx.toString('base64'),
      ...(isPem ? {} : { pem: material.pem }),
      managed: true,
      contentType,
      tags,
      enabled: attributes?.enabled,
      notBefore: material.notBefore,
      expires: material.expires,
    },
    seconds,
  );
  const certificate: StoredCertificate = {
    name,
    policy,
    version,
    request: material.request,
    certificate: material.certificate,
    thumbprint: material.thumbprint,
    requestId: randomBytes(16).toString('hex'),
    createdAtMs: nowMs,
    status: 'inProgress',
  };
  vault.certificates.set(name.toUpperCase(), certificate);
  return pendingAnswer(input, certificate, 202);
}

function pendingAnswer(
  input: OperationInput,
  certificate: StoredCertificate,
  status: number,
): Answer {
  const body = pendingBundle(input.vault, certificate);
  if (certificate.status === 'completed') return { status, body };
  if (status !== 202) return { status, headers: polling, body };
  const { apiVersion, vault, name } = input;
  const location = `${certificateId(vault, name)}/pending?api-version=${apiVersion}&request_id=${certificate.requestId}`;
  return { status, headers: { ...polling, location }, body };
}

export function getPendingCertificate(input: OperationInput): Answer {
  const certificate = certificateOf(input);
  if (certificate === undefined) return fail(requestErrors.pendingCertificateNotFound(input.name));
  const { consistencyDelayMs } = input.vault.faults;
  const issuedAtMs = certificate.createdAtMs + (consistencyDelayMs ?? Infinity);
  if (input.nowMs >= issuedAtMs) certificate.status = 'completed';
  const answer = pendingAnswer(input, certificate, 200);
  if (consistencyDelayMs === undefined) certificate.status = 'completed';
  return answer;
}

/** Of the newest version only: earlier ones live on as versions of the secret. */
export function getCertificate(input: OperationInput): Answer {
  const certificate = certificateOf(input);
  const isAsked = input.version === undefined || input.version === certificate?.version.id;
  if (certificate === undefined || !isAsked) {
    const id = input.version === undefined ? input.name : `${input.name}/${input.version}`;
    return fail(requestErrors.certificateNotFound(input.vault, id));
  }
  return ok(certificateBundle(input, certificate));
}

export function getCertificatePolicy(input: OperationInput): Answer {
  const certificate = certificateOf(input);
  if (certificate === undefined)
    return fail(requestErrors.certificateNotFound(input.vault, input.name));
  return ok(policyBundle(input.vault, certificate));
}

function certificateOf({ vault, name }: OperationInput): StoredCertificate | undefined {
  const certificate = vault.certificates.get(name.toUpperCase());
  const secret = vault.secrets.get(name.toUpperCase());
  return secret?.deletedAtMs === undefined && secret !== undefined ? certificate : undefined;
}
