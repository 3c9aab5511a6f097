import { expect, test } from 'vitest';
import { networkReasonOf } from '../../../src/core/errors/networkReason.ts';

test.each([
  ['HostUnknown', ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL']],
  ['ConnectionRefused', ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']],
  ['AnswerTimedOut', ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'NOT_ANSWERING']],
  [
    'CertificateNotTrusted',
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'CERT_REVOKED',
      'INVALID_CA',
      'HOSTNAME_MISMATCH',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
  ],
  ['ProxyFailed', ['PROXY_407', 'PROXY_ECONNREFUSED']],
  [undefined, ['UND_ERR_SOCKET', 'ECONNRESET', 'EPROTO', 'AbortError', 'no answer']],
] as const)('%s is what %j mean', (reason, causes) => {
  expect(causes.map(networkReasonOf)).toEqual(causes.map(() => reason));
});
