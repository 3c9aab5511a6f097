import { rfc3339 } from '../../core/rfc3339.ts';
import type { AssignedName, HostToken } from '../../identity/hostIdentity.ts';
import { tokenClaims } from '../../identity/tokenClaims.ts';
import type { HostKind } from '../../options/hostKind.ts';

/** Whom a token speaks for. */
export interface TokenDescription {
  readonly kind: HostKind;
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  /** Of the managed identity, or of the host that has it; Microsoft Entra ID names none for others. */
  readonly resourceId?: string;
  readonly audience: string;
  /** RFC 3339. */
  readonly expiresOn: string;
  /** Only where it was asked for. */
  readonly token?: string;
}

const kinds: Readonly<Record<HostKind, string>> = {
  workloadIdentity: 'workload identity of this pod',
  serviceFabric: 'managed identity of Service Fabric',
  appService: 'managed identity of App Service or Functions',
  machineLearning: 'managed identity of Azure Machine Learning',
  cloudShell: 'user of Cloud Shell',
  azureArc: 'managed identity of Azure Arc',
  instanceMetadata: 'managed identity of this virtual machine or node',
};

export function describeToken(
  kind: HostKind,
  { token, expiresAt, clientId, objectId, tenantId }: HostToken,
): TokenDescription {
  const { aud, xms_mirid: resourceId } = tokenClaims(token);
  return {
    kind,
    clientId,
    objectId,
    tenantId,
    ...(resourceId === undefined ? {} : { resourceId }),
    audience: String(aud),
    expiresOn: rfc3339(Math.floor(expiresAt / 1000)),
  };
}

/** A host with one identity only may give a token of that, whichever was asked for. */
export function contradiction(
  { clientId, objectId, resourceId }: TokenDescription,
  assigned: AssignedName | undefined,
): string | undefined {
  if (assigned === undefined) return undefined;
  const given = { clientId, objectId, resourceId }[assigned.by] ?? 'none';
  return given.toLowerCase() === assigned.id.toLowerCase()
    ? undefined
    : `this is not the identity that was asked for, ${assigned.id}`;
}

export function asJson(description: TokenDescription): string {
  return `${JSON.stringify(description, undefined, 2)}\n`;
}

export function asLines(description: TokenDescription): string {
  const { kind, clientId, objectId, tenantId, resourceId, audience, expiresOn, token } =
    description;
  const rows = [
    ['kind', kinds[kind]],
    ['client id', clientId],
    ['object id', objectId],
    ['tenant', tenantId],
    ['resource id', resourceId],
    ['audience', audience],
    ['expires', expiresOn],
    ['token', token],
  ] as const;
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(13)}${value}\n`],
  );
  return shown.join('');
}
