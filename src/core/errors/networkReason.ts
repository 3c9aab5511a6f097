import type { networkErrors } from './networkErrors.ts';

type NetworkReason = keyof typeof networkErrors;

const reasons: Readonly<Record<string, NetworkReason>> = {
  ENOTFOUND: 'HostUnknown',
  EAI_AGAIN: 'HostUnknown',
  EAI_FAIL: 'HostUnknown',
  ECONNREFUSED: 'ConnectionRefused',
  EHOSTUNREACH: 'ConnectionRefused',
  ENETUNREACH: 'ConnectionRefused',
  ETIMEDOUT: 'AnswerTimedOut',
  UND_ERR_CONNECT_TIMEOUT: 'AnswerTimedOut',
  NOT_ANSWERING: 'AnswerTimedOut',
};

/** https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes */
const certificate =
  /^(UNABLE_TO|CERT|CRL|ERROR_IN|ERR_TLS_CERT)_|SELF_SIGNED_CERT|^(INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/;

/** What a failed connection means, by the one short word that is known of it; undefined for one that broke off. */
export function networkReasonOf(cause: string): NetworkReason | undefined {
  if (cause.startsWith('PROXY_')) return 'ProxyFailed';
  return reasons[cause] ?? (certificate.test(cause) ? 'CertificateNotTrusted' : undefined);
}
