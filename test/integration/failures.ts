import { randomUUID } from 'node:crypto';
import { clientIdAnnotation, tenantIdAnnotation } from '../../src/api/meta.ts';
import type { ErrorReason } from '../../src/core/errors/errorCatalogue.ts';
import type { VaultFaults } from '../testbed/azureAdmin.ts';
import { serviceAccounts } from '../testbed/kubeResources.ts';
import type { Team, VaultSecretInput } from '../testbed/stage.ts';
import type { World } from '../testbed/world.ts';

type Act = (world: World, team: Team) => Promise<unknown>;

/** Something that keeps a Secret from being made or renewed, and what ends it. */
export interface Failure {
  readonly what: string;
  readonly reason: ErrorReason;
  /** Passes by itself, as far as the controller can know. */
  readonly isTransient?: true;
  /** What the Secret is made from; by default `password` as it is. */
  readonly spec?: Partial<VaultSecretInput>;
  /** Before the first sync. */
  readonly prepare?: Act;
  readonly cause: Act;
  readonly mend: Act;
  /** Names that the explanation must hold. */
  readonly names: (team: Team) => readonly string[];
}

const role = 'Key Vault Secrets User';
export const host = ({ vault }: Team): string => `${vault}.vault.azure.net`;
const account = ({ namespace, serviceAccountName: name }: Team) => ({ namespace, name });
export const restored: Act = ({ azure }, { vault }) => azure.setVaultFaults(vault, {});
export const faulty =
  (faults: VaultFaults): Act =>
  ({ azure }, { vault }) =>
    azure.setVaultFaults(vault, faults);
export const annotated =
  (name: string, value: string | null): Act =>
  ({ kube }, team) =>
    kube.mergePatch(serviceAccounts, account(team), {
      metadata: { annotations: { [name]: value } },
    });
const identified: Act = (world, team) => annotated(clientIdAnnotation, team.clientId)(world, team);

/** An identity that trusts somebody else than the team's ServiceAccount. */
export const trusting =
  (other: { issuer?: string; subject?: string; audience?: string }): Act =>
  async ({ azure, testbed }, { clientId, namespace, serviceAccountName }) => {
    const subject = `system:serviceaccount:${namespace}:${serviceAccountName}`;
    await azure.removeFederatedCredentials({ clientId });
    await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject, ...other });
  };

const recreateAccount: Act = ({ kube }, team) =>
  kube.create(serviceAccounts, {
    metadata: { ...account(team), annotations: { [clientIdAnnotation]: team.clientId } },
  });

const byPolicy: Act = async ({ azure }, { vault, clientId }) => {
  await azure.createVaults({ name: vault, authorization: 'accessPolicies' });
  await azure.putSecret(vault, 'password', { value: 'first' });
  await azure.setAccessPolicies({ vault, clientId, secrets: ['get', 'list'] });
};

const unreachable = {
  reason: 'KeyVaultUnreachable',
  isTransient: true,
  names: (team: Team) => [host(team), 'UND_ERR_SOCKET'],
} as const;

const throttled = {
  reason: 'KeyVaultThrottled',
  isTransient: true,
  mend: restored,
  names: (team: Team) => [host(team), 'spec.refreshInterval'],
} as const;

const federation =
  (aadsts: string) =>
  ({ namespace, clientId }: Team): string[] => [
    aadsts,
    clientId,
    'az identity federated-credential',
    `--subject system:serviceaccount:${namespace}:app`,
    '--audiences api://AzureADTokenExchange',
  ];

const long = 24_000;
const keys = Array.from({ length: 45 }, (_, index) => `key-${index}`);

/** Those that meet a VaultSecret before its first sync and later alike. */
export const failures: readonly Failure[] = [
  // First, because it takes longest.
  {
    what: 'the vault hangs',
    reason: 'AnswerTimedOut',
    isTransient: true,
    cause: faulty({ hang: true }),
    mend: restored,
    names: (team) => [host(team), 'kubectl get networkpolicies'],
  },
  {
    what: 'the object is disabled',
    reason: 'KeyVaultSecretDisabled',
    cause: ({ azure }, { vault }) => azure.changeSecret(vault, 'password', { enabled: false }),
    mend: ({ azure }, { vault }) => azure.changeSecret(vault, 'password', { enabled: true }),
    names: (team) => [`Secret password in Key Vault ${host(team)}`, '--enabled true'],
  },
  {
    what: 'a role is missing',
    reason: 'KeyVaultRoleMissing',
    cause: ({ azure }, { vault, clientId }) => azure.removeRoles({ vault, clientId }),
    mend: ({ azure }, { vault, clientId }) => azure.assignRoles({ vault, clientId, role }),
    names: ({ vault, clientId }) => [
      'secret password',
      'ForbiddenByRbac',
      `--assignee ${clientId}`,
      `az keyvault show --name ${vault}`,
    ],
  },
  {
    what: 'an access policy lacks get',
    reason: 'KeyVaultPolicyMissing',
    prepare: byPolicy,
    cause: ({ azure }, { vault, clientId }) => azure.setAccessPolicies({ vault, clientId }),
    mend: ({ azure }, { vault, clientId }) =>
      azure.setAccessPolicies({ vault, clientId, secrets: ['get'] }),
    names: ({ vault, clientId }) => [
      'ForbiddenByPolicy',
      `az keyvault set-policy --name ${vault} --spn ${clientId}`,
    ],
  },
  {
    what: 'the firewall of the vault refuses us',
    reason: 'KeyVaultNetworkForbidden',
    cause: faulty({ network: 'clientAddress' }),
    mend: restored,
    names: (team) => [host(team), `network-rule add --name ${team.vault} --ip-address 127.0.0.1`],
  },
  {
    what: 'the vault takes private links only',
    reason: 'KeyVaultPublicAccessDisabled',
    cause: faulty({ network: 'privateLink' }),
    mend: restored,
    names: (team) => [
      host(team),
      'ForbiddenByConnection',
      `az keyvault update --name ${team.vault}`,
    ],
  },
  {
    ...throttled,
    what: 'the vault throttles without a Retry-After',
    cause: faulty({ throttle: {} }),
  },
  {
    ...throttled,
    what: 'the vault throttles with a Retry-After',
    cause: faulty({ throttle: { retryAfterSeconds: 2 } }),
  },
  {
    what: 'the vault fails',
    reason: 'KeyVaultFailed',
    isTransient: true,
    cause: faulty({ status: 503 }),
    mend: restored,
    names: (team) => [host(team), 'status 503'],
  },
  {
    ...unreachable,
    what: 'the vault drops connections',
    cause: faulty({ dropConnection: true }),
    mend: restored,
  },
  {
    ...unreachable,
    what: 'nobody answers in the name of the vault',
    cause: ({ azure }, { vault }) => azure.call('DELETE', `/vaults/${vault}`),
    mend: async ({ azure }, { vault, clientId }) => {
      await azure.createVaults({ name: vault });
      await azure.putSecret(vault, 'password', { value: 'first' });
      await azure.assignRoles({ vault, clientId, role });
    },
  },
  {
    what: 'the ServiceAccount is missing',
    reason: 'ServiceAccountNotFound',
    cause: ({ kube }, team) => kube.delete(serviceAccounts, account(team)),
    mend: recreateAccount,
    names: ({ namespace }) => [`kubectl create serviceaccount app --namespace ${namespace}`],
  },
  {
    what: 'the ServiceAccount names no identity',
    reason: 'ClientIdMissing',
    cause: annotated(clientIdAnnotation, null),
    mend: identified,
    names: ({ namespace }) => [
      `kubectl annotate serviceaccount app --namespace ${namespace} ${clientIdAnnotation}=`,
    ],
  },
  {
    what: 'the ServiceAccount names an identity that is no UUID',
    reason: 'IdentityInvalid',
    cause: annotated(clientIdAnnotation, 'shop'),
    mend: identified,
    names: ({ namespace }) => [`app --namespace ${namespace} ${clientIdAnnotation}=<UUID>`],
  },
  {
    what: 'the ServiceAccount names a tenant that is no UUID',
    reason: 'IdentityInvalid',
    cause: annotated(tenantIdAnnotation, 'contoso'),
    mend: annotated(tenantIdAnnotation, null),
    names: ({ namespace }) => [`app --namespace ${namespace} ${tenantIdAnnotation}=<UUID>`],
  },
  {
    what: 'the vault is in another tenant',
    reason: 'VaultInOtherTenant',
    cause: annotated(tenantIdAnnotation, randomUUID()),
    mend: annotated(tenantIdAnnotation, null),
    names: (team) => [
      host(team),
      team.clientId,
      `app --namespace ${team.namespace} ${tenantIdAnnotation}=`,
    ],
  },
  {
    what: 'there is no application of that id',
    reason: 'ApplicationNotFound',
    cause: annotated(clientIdAnnotation, '0a0a0a0a-1111-4222-8333-444444444444'),
    mend: identified,
    names: ({ namespace }) => [
      'client id 0a0a0a0a-1111-4222-8333-444444444444',
      'AADSTS700016',
      `serviceaccount app --namespace ${namespace} ${clientIdAnnotation}=`,
    ],
  },
  {
    what: 'the application is disabled',
    reason: 'IdentityDisabled',
    cause: ({ azure }, { clientId }) =>
      azure.call('PATCH', `/applications/${clientId}`, { disabled: true }),
    mend: ({ azure }, { clientId }) =>
      azure.call('PATCH', `/applications/${clientId}`, { disabled: false }),
    names: ({ clientId }) => ['AADSTS7000112', `az ad sp update --id ${clientId}`],
  },
  {
    what: 'the federated credential is of another issuer',
    reason: 'FederatedIssuerNotFound',
    cause: trusting({ issuer: 'https://oidc.example.com/' }),
    mend: trusting({}),
    names: federation('AADSTS700211'),
  },
  {
    what: 'the federated credential is of another subject',
    reason: 'FederatedCredentialNotFound',
    cause: trusting({ subject: 'system:serviceaccount:shop:other' }),
    mend: trusting({}),
    names: federation('AADSTS700213'),
  },
  {
    what: 'the federated credential is of another audience',
    reason: 'FederatedAudienceMismatch',
    cause: trusting({ audience: 'api://other' }),
    mend: trusting({}),
    names: federation('AADSTS700212'),
  },
  {
    what: 'the value is not what it is to be decoded from',
    reason: 'ValueNotDecodable',
    spec: {
      data: [
        { dataKey: 'PASSWORD', secret: { name: 'password' } },
        { dataKey: 'DECODED', secret: { name: 'encoded' }, decode: 'base64' },
      ],
    },
    prepare: ({ azure }, { vault }) => azure.putSecret(vault, 'encoded', { value: 'Z29vZA==' }),
    cause: ({ azure }, { vault }) => azure.putSecret(vault, 'encoded', { value: 'not base64!' }),
    mend: ({ azure }, { vault }) => azure.putSecret(vault, 'encoded', { value: 'Z29vZA==' }),
    names: () => ['secret encoded for data key DECODED', 'spec.data[].decode'],
  },
  {
    what: 'the Secret would be too large',
    reason: 'SecretTooLarge',
    spec: {
      data: [
        { dataKey: 'PASSWORD', secret: { name: 'password' } },
        ...keys.map((dataKey) => ({ dataKey, secret: { name: 'large' } })),
      ],
    },
    prepare: ({ azure }, { vault }) => azure.putSecret(vault, 'large', { value: 'x' }),
    cause: ({ azure }, { vault }) => azure.putSecret(vault, 'large', { value: 'x'.repeat(long) }),
    mend: ({ azure }, { vault }) => azure.putSecret(vault, 'large', { value: 'x' }),
    names: () => ['Secret app', `${keys.length * long + 5} bytes`, '1048576 are allowed'],
  },
];
