import type { NetworkRule, RefusalForm } from './faults.ts';
import { isServiceSince } from './serviceVersion.ts';
import { publicCloud } from './standInClouds.ts';
import { forbidden, type VaultError } from './vaultErrors.ts';
import type { Vault } from './vaultStore.ts';

/** The identity that a token names. */
export interface Caller {
  appid: string;
  oid: string;
  tid: string;
  /** Of a managed identity: its resource id, and that of the host that asked for the token. */
  xms_mirid?: string | undefined;
  xms_az_rid?: string | undefined;
}

const keyVaultAppId = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';
/** Microsoft's own issuers, listed after the vault's in AKV10032. */
const microsoftTenants = [
  'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
  'e2d54eb5-3869-4f70-8578-dee5fc7331f4',
  '33e01921-4d64-4f8c-a055-5bdaffd5e33d',
  '975f013f-7f24-47e8-a7d3-abc4752bf346',
];

function unauthorized(vault: Vault, message: string): VaultError {
  const { cloud, tenantId } = vault.settings;
  const isFormerly = cloud === publicCloud && !isServiceSince(vault, '1.9.800');
  const host = isFormerly ? 'login.windows.net' : cloud.authorityHosts[0];
  const { authority = `https://${host}/${tenantId}`, resource = cloud.vaultResource } =
    vault.faults.challenge ?? {};
  const challenge = `Bearer authorization="${authority}", resource="${resource}"`;
  return {
    status: 401,
    code: 'Unauthorized',
    message,
    headers: { 'www-authenticate': challenge },
  };
}

function missingTokenText(vault: Vault): string {
  if (isServiceSince(vault, '1.9.3070')) {
    return 'AKV10000: Request is missing a Bearer, PoP, or MTLS_POP token.';
  }
  const prefix = isServiceSince(vault, '1.9') ? 'AKV10000: ' : '';
  return `${prefix}Request is missing a Bearer or PoP token.`;
}

const address = 'Client address: 127.0.0.1';
const callerOf = ({ appid, oid }: Caller): string => `appid=${appid};oid=${oid}`;
const callerAndIssuerOf = (caller: Caller): string =>
  `${callerOf(caller)};iss=https://sts.windows.net/${caller.tid}/`;
/** The network's refusals alone name the resources behind a managed identity. */
const callerAndResourcesOf = (caller: Caller): string =>
  (['xms_mirid', 'xms_az_rid'] as const).reduce(
    (text, claim) => (caller[claim] === undefined ? text : `${text};${claim}=${caller[claim]}`),
    callerAndIssuerOf(caller),
  );
const vaultOf = ({ settings }: Vault): string => `${settings.name};location=${settings.location}`;

/**
 * First line of each refusal of the network, and what follows it. `nsp` is recorded; the others are
 * quoted in public logs, `privateLink` without its end.
 */
const networkTexts: Readonly<Record<NetworkRule, (vault: Vault, caller: Caller) => string[]>> = {
  clientAddress: (vault, caller) => [
    'Client address is not authorized and caller is not a trusted service.',
    address,
    `Caller: ${callerAndResourcesOf(caller)}`,
    `Vault: ${vaultOf(vault)}`,
  ],
  nsp: (vault, caller) => [
    'Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because bypass is set to None',
    address,
    `Caller: ${callerOf(caller)}`,
    `Vault: ${vaultOf(vault)}`,
  ],
  publicAccessDisabled: (vault, caller) => [
    'Public network access is disabled and request is not from a trusted service nor via an approved private link.',
    `Caller: ${callerAndResourcesOf(caller)}`,
    `Vault: ${vaultOf(vault)}`,
  ],
  privateLink: (vault) => [
    "Connection is not an approved private link and caller was ignored because bypass is not set to 'AzureServices' and PublicNetworkAccess is set to 'Disabled'.",
    '',
    `Vault: ${vaultOf(vault)}`,
  ],
};

function isOfForm({ faults }: Vault, form: RefusalForm): boolean {
  return faults.refusalForms?.includes(form) === true;
}

/** Refusals before the vault looks at the request itself. */
export const accessErrors = {
  missingToken: (vault: Vault) => unauthorized(vault, missingTokenText(vault)),
  invalidToken: (vault: Vault) =>
    unauthorized(vault, "[TokenExpired] Error validating token: 'S2S12086'."),
  unknownTokenKey: (vault: Vault) =>
    unauthorized(
      vault,
      "AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '***'.",
    ),
  wrongAudience: (vault: Vault, audience: string) => {
    const alternative = isServiceSince(vault, '1.9.1200') ? ` or ${keyVaultAppId}` : '';
    return unauthorized(
      vault,
      `AKV10022: Invalid audience. Expected ${vault.settings.cloud.vaultResource}${alternative}, found: ${audience}.`,
    );
  },
  wrongIssuer: (vault: Vault, issuer: string) => {
    const expected = [vault.settings.tenantId, ...microsoftTenants]
      .map((tenant) => `https://sts.windows.net/${tenant}/`)
      .join(', ');
    return unauthorized(
      vault,
      `AKV10032: Invalid issuer. Expected one of ${expected}, found ${issuer}.`,
    );
  },
  /** The only texts with CRLF that do not end in one. */
  network: (vault: Vault, caller: Caller, rule: NetworkRule) => {
    const isFirewall = rule === 'clientAddress' || rule === 'nsp';
    return forbidden(
      networkTexts[rule](vault, caller).join('\r\n'),
      isFirewall ? 'ForbiddenByFirewall' : 'ForbiddenByConnection',
    );
  },
  rbac: (vault: Vault, caller: Caller, denied: { action: string; resource: string }) =>
    forbidden(
      [
        'Caller is not authorized to perform action on resource.',
        'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
        `Caller: ${callerAndIssuerOf(caller)}`,
        `Action: '${denied.action}'`,
        `Resource: '${denied.resource}'`,
        'Assignment: (not found)',
        ...(isOfForm(vault, 'withoutDenyAssignment') ? [] : ['DenyAssignmentId: null']),
        `DecisionReason: ${isOfForm(vault, 'withoutDecisionReason') ? 'null' : "'DeniedWithNoValidRBAC'"} `,
        `Vault: ${vaultOf(vault)}`,
        '',
      ].join('\r\n'),
      'ForbiddenByRbac',
    ),
  policy: (vault: Vault, caller: Caller, permission: string) =>
    forbidden(
      `The user, group or application '${callerAndIssuerOf(caller)}' does not have ${permission} permission on key vault '${vaultOf(vault)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
      isOfForm(vault, 'accessDenied') ? 'AccessDenied' : 'ForbiddenByPolicy',
    ),
  throttled: (retryAfterSeconds: number | undefined): VaultError => ({
    status: 429,
    code: 'Throttled',
    message:
      'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
    ...(retryAfterSeconds === undefined
      ? {}
      : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  }),
  failing: (status: number): VaultError => ({
    status,
    code: status === 503 ? 'ServiceUnavailable' : 'InternalServerError',
    message: 'Internal server error.',
  }),
};
