import type { ConditionState } from '../observed/conditions.ts';
import type { VaultConnection } from '../observed/connection.ts';
import {
  credentialKindOf,
  credentialSecretOf,
  type ServicePrincipalIdentity,
} from '../observed/servicePrincipal.ts';

export const storedCredentialType = 'StoredCredential';

export interface StoredCredentialUse {
  readonly kind: ServicePrincipalIdentity['kind'];
  readonly clientId: string;
  readonly secretName: string;
  /** The VaultConnection that names it. */
  readonly connection: string;
}

/** What a stored credential costs, and what a managed identity would take away. */
export function storedCredentialText(
  { kind, clientId, secretName, connection }: StoredCredentialUse,
  certificateExpiry: string,
): string {
  const what = kind === 'clientSecret' ? 'client secret' : 'certificate';
  const expiry =
    kind === 'clientSecret'
      ? `When it expires Microsoft Entra ID alone knows: az ad app credential list --id ${clientId}.`
      : certificateExpiry;
  return `Client ${clientId} proves itself by the ${what} in Secret ${secretName}: whoever can read it can use it from anywhere, and somebody has to renew it. ${expiry} A managed identity has none to steal or renew: name a ServiceAccount instead of spec.servicePrincipal in VaultConnection ${connection}.`;
}

/** On the connection itself, which looks into no certificate. */
export function storedCredentialStates({
  name: connection,
  spec: { servicePrincipal },
}: VaultConnection): readonly ConditionState[] {
  if (servicePrincipal === undefined) return [];
  const kind = credentialKindOf(servicePrincipal);
  const { clientId } = servicePrincipal;
  const use = { kind, clientId, secretName: credentialSecretOf(servicePrincipal), connection };
  const message = storedCredentialText(use, 'VaultSecrets that read with it say when it expires.');
  const reason = kind === 'clientSecret' ? 'ClientSecret' : 'ClientCertificate';
  return [{ type: storedCredentialType, status: 'True', reason, message }];
}
