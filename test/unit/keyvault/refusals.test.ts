import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explained } from '../explained.ts';
import { startRefusingVaults, type Refusal, type RefusingVaults } from './refusingVaults.ts';

let vaults: RefusingVaults;

beforeAll(async () => {
  vaults = await startRefusingVaults();
});
afterAll(async () => vaults.close());

const version = '0123456789abcdef0123456789abcdef';
const byPolicy = { authorization: 'accessPolicies' };
const elsewhere = { tenantId: '00000000-0000-4000-8000-00000000000c' };

const refusals: readonly Refusal[] = [
  {
    what: 'a secret that was never there',
    ref: { name: 'nothing' },
    reason: 'KeyVaultSecretNotFound',
    tells: ({ vault, host }) => [
      `Key Vault ${host} has no secret nothing.`,
      `az keyvault secret set --vault-name ${vault} --name nothing `,
    ],
  },
  {
    what: 'a version that is not there',
    ref: { name: 'password', version },
    reason: 'KeyVaultVersionNotFound',
    tells: ({ vault }) => [
      `no version password/${version}`,
      `az keyvault secret list-versions --vault-name ${vault} --name password `,
    ],
  },
  {
    what: 'a secret that was deleted',
    prepare: ({ admin }, { vault }) => admin.deleteSecret(vault, 'password'),
    reason: 'KeyVaultSecretDeleted',
    tells: ({ vault, host }) => [
      `Secret password in Key Vault ${host} is deleted; until 20`,
      `az keyvault secret recover --vault-name ${vault} --name password;`,
    ],
  },
  {
    what: 'a pinned version of it',
    ref: { name: 'password', version },
    prepare: ({ admin }, { vault }) => admin.deleteSecret(vault, 'password'),
    reason: 'KeyVaultSecretDeleted',
    tells: ({ vault }) => [`az keyvault secret recover --vault-name ${vault} --name password;`],
  },
  {
    what: 'a secret that was disabled and deleted',
    prepare: async ({ admin }, { vault }) => {
      await admin.changeSecret(vault, 'password', { enabled: false });
      await admin.deleteSecret(vault, 'password');
    },
    reason: 'KeyVaultSecretDeleted',
    tells: () => ['is deleted; until it is purged it can be recovered.'],
  },
  {
    what: 'a secret that was purged',
    prepare: async ({ admin }, { vault }) => {
      await admin.deleteSecret(vault, 'password');
      await admin.call('POST', `/vaults/${vault}/secrets/password/purge`);
    },
    reason: 'KeyVaultSecretNotFound',
    tells: ({ vault }) => [`az keyvault secret set --vault-name ${vault} --name password `],
  },
  {
    what: 'a deleted secret of which it does not say so',
    prepare: ({ admin }, { vault }) => admin.deleteSecret(vault, 'password'),
    faults: { kinds: ['getDeleted'], status: 500 },
    reason: 'KeyVaultSecretNotFound',
    tells: () => ['has no secret password.'],
  },
  {
    what: 'a secret that is disabled',
    prepare: ({ admin }, { vault }) => admin.changeSecret(vault, 'password', { enabled: false }),
    reason: 'KeyVaultSecretDisabled',
    tells: ({ host }) => [
      `az keyvault secret set-attributes --id https://${host}/secrets/password --enabled true`,
    ],
  },
  {
    what: 'whom no role lets in',
    prepare: ({ admin }, { vault, client }) => admin.removeRoles({ vault, clientId: client }),
    reason: 'KeyVaultRoleMissing',
    tells: ({ vault, host, client }) => [
      `Client ${client} has no role that lets it read secret password in Key Vault ${host} (ForbiddenByRbac)`,
      `az role assignment create --role "Key Vault Secrets User" --assignee ${client} --scope "$(az keyvault show --name ${vault} --query id --output tsv)"`,
      '/secrets/password.',
    ],
  },
  {
    what: 'whom no access policy lets get',
    settings: byPolicy,
    prepare: ({ admin }, { vault, client }) =>
      admin.setAccessPolicies({ vault, clientId: client, secrets: ['list'] }),
    reason: 'KeyVaultPolicyMissing',
    tells: ({ vault, client }) => [
      `az keyvault set-policy --name ${vault} --spn ${client} --secret-permissions get list`,
    ],
  },
  {
    what: 'an address outside its firewall',
    faults: { network: 'clientAddress' },
    reason: 'KeyVaultNetworkForbidden',
    tells: ({ vault }) => [
      'keeps out 127.0.0.1, from where the request comes (ForbiddenByFirewall)',
      `az keyvault network-rule add --name ${vault} --ip-address 127.0.0.1;`,
    ],
  },
  {
    what: 'an address outside its firewall, before it looks at rights',
    prepare: ({ admin }, { vault, client }) => admin.removeRoles({ vault, clientId: client }),
    faults: { network: 'clientAddress' },
    reason: 'KeyVaultNetworkForbidden',
    tells: () => ['its rights were not judged'],
  },
  {
    what: 'an address outside its security perimeter',
    faults: { network: 'nsp' },
    reason: 'KeyVaultNetworkForbidden',
    tells: () => ['127.0.0.1', 'network security perimeter'],
  },
  ...(['publicAccessDisabled', 'privateLink'] as const).map((network): Refusal => ({
    what: `whoever comes without a private endpoint: ${network}`,
    faults: { network },
    reason: 'KeyVaultPublicAccessDisabled',
    tells: ({ vault }) => [
      '(ForbiddenByConnection)',
      `az network private-endpoint create --name ${vault} `,
      `az keyvault update --name ${vault} --public-network-access Enabled`,
    ],
  })),
  {
    what: 'for a reason that nobody knows yet',
    faults: { status: 403 },
    reason: 'KeyVaultForbidden',
    tells: ({ vault, client }) => [
      '(InternalServerError)',
      `--assignee ${client}`,
      `az keyvault set-policy --name ${vault} --spn ${client}`,
    ],
  },
  {
    what: 'a token that it does not trust',
    faults: { rejectTokens: true },
    reason: 'KeyVaultTokenRefused',
    tells: ({ vault, client, tenant }) => [
      `the token of client ${client} (AKV10046)`,
      `must print ${tenant}: az keyvault show --name ${vault} `,
    ],
  },
  {
    what: 'because the secret is about to go',
    faults: { status: 409 },
    reason: 'KeyVaultConflict',
    tells: ({ vault }) => [`az keyvault secret list-deleted --vault-name ${vault} `],
  },
  {
    what: 'a request that it does not understand',
    faults: { status: 400 },
    reason: 'KeyVaultRefused',
    tells: ({ vault }) => [
      'status 400',
      `az keyvault secret show --vault-name ${vault} --name password`,
    ],
  },
  {
    what: 'too many requests',
    faults: { throttle: { retryAfterSeconds: 30 } },
    reason: 'KeyVaultThrottled',
    tells: ({ host }) => [host, 'spec.refreshInterval'],
  },
  {
    what: 'everything, for it is broken',
    faults: { status: 503 },
    reason: 'KeyVaultFailed',
    tells: ({ host }) => [`${host} failed (status 503)`],
  },
  {
    what: 'a tenant that is not its own',
    settings: elsewhere,
    reason: 'VaultInOtherTenant',
    tells: ({ vault, client, tenant }) => [
      `another tenant than ${tenant}, where client ${client}`,
      `kubectl annotate --overwrite serviceaccount sa --namespace shop azure.workload.identity/tenant-id="$(az keyvault show --name ${vault} --query properties.tenantId --output tsv)"`,
    ],
  },
];

describe('a vault refuses', () => {
  test.each(refusals)('$what', async (refusal) => {
    expect((await vaults.refuse(refusal)).reason).toBe(refusal.reason);
  });

  test('a token of our tenant, though its challenge names that one', async () => {
    const { world, createVault, requestFor } = vaults;
    const names = await createVault(elsewhere);
    const authority = `https://login.microsoftonline.com/${names.tenant}`;
    await world.admin.setVaultFaults(names.vault, { challenge: { authority } });

    const failure = await explained(world.adapters().vaults.read(requestFor(names)), [names.host]);

    expect(failure.reason).toBe('VaultInOtherTenant');
  });
});
