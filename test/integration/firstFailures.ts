import { tenantIdAnnotation } from '../../src/api/meta.ts';
import { vaultSecrets } from '../testbed/kubeResources.ts';
import { annotated, faulty, host, restored, trusting, type Failure } from './failures.ts';

const unknownTenant = '0b0b0b0b-1111-4222-8333-444444444444';
const unknownVersion = '0'.repeat(32);

const notTrusted = {
  reason: 'VaultNotTrusted',
  mend: restored,
  names: (team: Parameters<typeof host>[0]) => [
    host(team),
    'No token was sent',
    `az keyvault show --name ${team.vault}`,
  ],
} as const;

/** Those that only a first sync can meet: later the answer is known already, or is another one. */
export const firstFailures: readonly Failure[] = [
  {
    what: 'there is no such object',
    reason: 'KeyVaultSecretNotFound',
    spec: {
      data: [
        { dataKey: 'PASSWORD', secret: { name: 'password' } },
        { dataKey: 'OTHER', secret: { name: 'other' } },
      ],
    },
    cause: async () => undefined,
    mend: ({ azure }, { vault }) => azure.putSecret(vault, 'other', { value: 'x' }),
    names: (team) => [
      `Key Vault ${host(team)} has no secret other`,
      `az keyvault secret set --vault-name ${team.vault} --name other`,
    ],
  },
  {
    what: 'there is no such version',
    reason: 'KeyVaultVersionNotFound',
    spec: {
      data: [
        { dataKey: 'PASSWORD', secret: { name: 'password' } },
        { dataKey: 'PINNED', secret: { name: 'password', version: unknownVersion } },
      ],
    },
    cause: async () => undefined,
    mend: ({ kube }, { namespace }) =>
      kube.mergePatch(
        vaultSecrets,
        { namespace, name: 'app' },
        { spec: { data: [{ dataKey: 'PASSWORD', secret: { name: 'password' } }] } },
      ),
    names: (team) => [
      `password/${unknownVersion}`,
      `list-versions --vault-name ${team.vault} --name password`,
    ],
  },
  {
    what: 'Microsoft Entra ID knows no such tenant',
    reason: 'TenantNotFound',
    cause: async (world, team) => {
      await annotated(tenantIdAnnotation, unknownTenant)(world, team);
      const authority = `https://login.microsoftonline.com/${unknownTenant}`;
      await faulty({ challenge: { authority } })(world, team);
    },
    mend: async (world, team) => {
      await restored(world, team);
      await annotated(tenantIdAnnotation, null)(world, team);
    },
    names: ({ namespace }) => [
      `tenant ${unknownTenant}`,
      'AADSTS90002',
      `serviceaccount app --namespace ${namespace} ${tenantIdAnnotation}=`,
    ],
  },
  {
    ...notTrusted,
    what: 'the vault demands a token for something else',
    cause: faulty({ challenge: { resource: 'https://management.azure.com' } }),
  },
  {
    ...notTrusted,
    what: 'the vault demands a token of somebody else',
    cause: faulty({ challenge: { authority: 'https://login.example.com/common' } }),
  },
  {
    what: 'the vault sends us elsewhere',
    reason: 'KeyVaultRefused',
    cause: faulty({ redirectTo: 'https://example.com/' }),
    mend: restored,
    names: (team) => [host(team), 'status 307', 'secret password'],
  },
  {
    what: 'the vault has a certificate of somebody else',
    reason: 'CertificateNotTrusted',
    cause: faulty({ untrustedCertificate: true }),
    mend: restored,
    names: (team) => ['--ca-file', `openssl s_client -connect ${host(team)}:443`],
  },
  {
    what: 'the vault takes no token',
    reason: 'KeyVaultTokenRefused',
    isTransient: true,
    cause: faulty({ rejectTokens: true }),
    mend: restored,
    names: (team) => [host(team), team.clientId, 'AKV10046'],
  },
  {
    what: 'the identity trusts nobody',
    reason: 'FederatedIssuerNotFound',
    cause: ({ azure }, { clientId }) => azure.removeFederatedCredentials({ clientId }),
    mend: trusting({}),
    names: ({ clientId, namespace }) => [clientId, `system:serviceaccount:${namespace}:app`],
  },
];
