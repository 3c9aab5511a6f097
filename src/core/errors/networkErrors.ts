import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS5xx: the way to Azure. A vault whose name does not resolve is among the errors of Key Vault. */
export const networkErrors = {
  HostUnknown: {
    code: 'VS501',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: 'The name {host} does not resolve ({cause}).',
    remedy:
      'It is tried again. If it lasts, ask the DNS of the cluster: kubectl run lookup --rm --stdin --restart=Never --image=busybox -- nslookup {host}',
  },
  ConnectionRefused: {
    code: 'VS502',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: '{host} refuses the connection ({cause}).',
    remedy:
      'It is tried again. If it lasts, something on the way does it, such as a firewall: the controller must reach {host} on port 443.',
  },
  AnswerTimedOut: {
    code: 'VS503',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: '{host} does not answer in time ({cause}).',
    remedy:
      'It is tried again. If it lasts, the service is slow, and https://azure.status.microsoft shows known outages; or something on the way drops the packets, such as a network policy: kubectl get networkpolicies --all-namespaces',
  },
  CertificateNotTrusted: {
    code: 'VS504',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: '{host} shows a certificate that is not trusted here ({cause}). No token was sent.',
    remedy:
      'If a proxy or firewall of yours reads the traffic, start the controller with --ca-file <its certificate authority>; else somebody pretends to be {host}. What is shown: openssl s_client -connect {host}:443 -servername {host}',
  },
  ProxyFailed: {
    code: 'VS505',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: 'The proxy gives no way to {host} ({cause}).',
    remedy:
      'It is tried again. If it lasts: the proxy that HTTPS_PROXY names must let the controller through to {host}:443; or list the host in NO_PROXY.',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
