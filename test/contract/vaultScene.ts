import { at } from '../support/standInWorld.ts';
import type { RefusalForm, VaultFaults } from '../testbed/azure/faults.ts';
import { found, messageOf, type Exchange, type Recording } from './recording.ts';

/** Settings of a vault that answers as it was recorded to; what is undefined is as ever. */
export interface VaultScene {
  name: string;
  tenantId: string | undefined;
  authorization: 'rbac' | 'accessPolicies';
  recoverableDays: number;
  purgeProtection: boolean;
  location: string | undefined;
  serviceVersion: string | undefined;
  latestApiVersion: string | undefined;
  subscriptionId: string | undefined;
  resourceGroup: string | undefined;
}

const vaultName = /^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/;

export function vaultSceneOf({ exchanges }: Recording): VaultScene {
  const messages = exchanges.map(messageOf).join('\n');
  return {
    name: nameIn(exchanges, messages),
    tenantId: tenantIn(exchanges, messages),
    authorization: isRbac(exchanges) ? 'rbac' : 'accessPolicies',
    ...retentionIn(exchanges),
    location:
      found(/[-\w]+;location=(\w+)/, messages) ?? headerIn(exchanges, 'x-ms-keyvault-region'),
    serviceVersion:
      headerIn(exchanges, 'x-ms-keyvault-service-version') ?? serviceVersionBy(messages),
    latestApiVersion: found(/latest supported version \(([^)]+)\)/, messages),
    subscriptionId: found(/'\/subscriptions\/([^/]+)\//, messages),
    resourceGroup: found(/\/resourcegroups\/([^/]+)\//, messages),
  };
}

/** Refusals print the vault's name; elsewhere any will do, because hosts are not compared. */
function nameIn(exchanges: readonly Exchange[], messages: string): string {
  const label = exchanges[0]?.request.host.split('.')[0] ?? '';
  const printed = found(/(?:Vault: |key vault ')([-\w]+);location=/, messages);
  return printed ?? (vaultName.test(label) ? label : 'recorded');
}

function tenantIn(exchanges: readonly Exchange[], messages: string): string | undefined {
  const challenge = headerIn(exchanges, 'www-authenticate') ?? '';
  return (
    found(/authorization="https:\/\/[^/"]+\/([^"]+)"/, challenge) ??
    found(/https:\/\/sts\.windows\.net\/([^/]+)\//, messages)
  );
}

function isRbac(exchanges: readonly Exchange[]): boolean {
  return exchanges.some(
    ({ kind, response }) =>
      kind.endsWith('ForbiddenByRbac') ||
      response.headers['x-ms-keyvault-rbac-assignment-id'] !== undefined,
  );
}

/** A version of the service that has these texts, where a quote shows no header. */
function serviceVersionBy(messages: string): string | undefined {
  return versionsByText.find(([pattern]) => pattern.test(messages))?.[1];
}

const versionsByText: readonly (readonly [RegExp, string])[] = [
  [/^Request is missing a Bearer/m, '1.1.10.0'],
  [/^Secret not found: |^Certificate not found: /m, '1.1.0.875'],
  [/^Secret is currently being deleted/m, '1.1.0.875'],
  [/^Operation get is not permitted on this object/m, '1.1.6.0'],
  [/^AKV10000: .*Bearer or PoP/m, '1.9.576.1'],
  [/^AKV10022: Invalid audience\. Expected \S+, found/m, '1.9.749.1'],
];

function headerIn(exchanges: readonly Exchange[], name: string): string | undefined {
  return exchanges.map(({ response }) => response.headers[name]).find((value) => value);
}

/** From what the bodies say of recovery; a vault of which nothing is said is as the service makes it. */
function retentionIn(
  exchanges: readonly Exchange[],
): Pick<VaultScene, 'recoverableDays' | 'purgeProtection'> {
  const text = exchanges.map(({ response }) => JSON.stringify(response.body)).join('\n');
  const level = found(/"recoveryLevel":"([^"]+)"/, text) ?? 'Recoverable+Purgeable';
  const days = found(/"recoverableDays":(\d+)/, text) ?? daysOfLevel.get(level.split('+')[0] ?? '');
  return {
    recoverableDays: Number(days ?? 90),
    purgeProtection: level !== 'Purgeable' && !level.endsWith('+Purgeable'),
  };
}

/** Old api-versions show the level only. */
const daysOfLevel = new Map([
  ['Purgeable', '0'],
  ['CustomizedRecoverable', '7'],
]);

/** Who sends the request, by what became of it. */
export type Sender =
  | { kind: 'nobody' }
  | { kind: 'officer' }
  /** Whom a refusal names; nothing is granted. One with a resource id is a managed identity. */
  | { kind: 'stranger'; clientId: string; objectId: string; resources: Resources }
  | { kind: 'foreigner'; tenantId: string }
  | { kind: 'officerOf'; resource: string }
  | { kind: 'garbage' };

export interface Resources {
  resourceId: string | undefined;
  hostResourceId: string | undefined;
}

function resourcesIn(message: string): Resources {
  return {
    resourceId: found(/;xms_mirid=([^;\r\n]+)/, message),
    hostResourceId: found(/;xms_az_rid=([^;\r\n]+)/, message),
  };
}

export function senderOf(exchange: Exchange): Sender {
  const { kind, request } = exchange;
  const isChallenged = kind.startsWith('challenge');
  if (isChallenged || request.headers['authorization'] === 'absent') return { kind: 'nobody' };
  const message = messageOf(exchange);
  for (const [pattern, sender] of senders) {
    const match = pattern.exec(message);
    if (match !== null) return sender(match[1] ?? '', match[2] ?? '', resourcesIn(message));
  }
  return { kind: 'officer' };
}

/** By what a refusal says of the sender. */
const senders: readonly (readonly [
  RegExp,
  (first: string, second: string, resources: Resources) => Sender,
])[] = [
  [
    /appid=([^;]+);oid=([^;\s]+)/,
    (clientId, objectId, resources) => ({ kind: 'stranger', clientId, objectId, resources }),
  ],
  [
    /AKV10032.*found https:\/\/sts\.windows\.net\/([^/]+)\//,
    (tenantId) => ({ kind: 'foreigner', tenantId }),
  ],
  [/AKV10022.*found: (\S+)\.$/, (resource) => ({ kind: 'officerOf', resource })],
  [/^\[TokenExpired\]/, () => ({ kind: 'garbage' })],
];

const networkRules: readonly (readonly [string, NonNullable<VaultFaults['network']>])[] = [
  ['Client address is not authorized', 'clientAddress'],
  ['Request was not allowed by NSP', 'nsp'],
  ['Public network access is disabled', 'publicAccessDisabled'],
  ['Connection is not an approved private link', 'privateLink'],
];

/** Longer than any step waits, so that the vault disagrees with itself until the clock is moved. */
export const consistencyDelayMs = 60_000;

const isOfRole = (message: string): boolean => message.startsWith('Caller is not authorized');
const refusalForms: readonly (readonly [
  (message: string, exchange: Exchange) => boolean,
  RefusalForm,
])[] = [
  [
    (message) => isOfRole(message) && !message.includes('DenyAssignmentId'),
    'withoutDenyAssignment',
  ],
  [(message) => message.includes('DecisionReason: null'), 'withoutDecisionReason'],
  [
    (message, { response }) =>
      message.startsWith('The user, group or application') &&
      at(response.body, 'error', 'innererror', 'code') === 'AccessDenied',
    'accessDenied',
  ],
];

/** The switches that this answer needs. */
export function faultsFor(exchange: Exchange): VaultFaults {
  const { status, headers } = exchange.response;
  const message = messageOf(exchange);
  const rule = networkRules.find(([text]) => message.startsWith(text))?.[1];
  const retryAfter = headers['retry-after'];
  const throttle = retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) };
  return {
    consistencyDelayMs,
    refusalForms: refusalForms.filter(([isOf]) => isOf(message, exchange)).map(([, form]) => form),
    ...(rule === undefined ? {} : { network: rule }),
    ...(message.startsWith('AKV10046') ? { rejectTokens: true } : {}),
    ...(status === 429 ? { throttle } : {}),
    ...(status !== null && status >= 500 ? { status } : {}),
  };
}
