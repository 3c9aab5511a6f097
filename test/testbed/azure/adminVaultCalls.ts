import { randomUUID } from 'node:crypto';
import type { AdminCall } from './adminCall.ts';
import {
  accessPolicyRemovalSchema,
  accessPolicySchema,
  AdminError,
  certificateIssuerSchema,
  namedSecretSchema,
  readList,
  roleAssignmentRemovalSchema,
  roleAssignmentSchema,
  vaultSchema,
} from './adminInput.ts';
import { createCertificateIssuer } from './certificateIssuers.ts';
import { secretCalls } from './adminSecretCalls.ts';
import { cloudOfVault } from './adminClouds.ts';
import { putSecret, vaultOf } from './adminVaults.ts';
import { vaultHost } from './secretBundles.ts';
import { createVault, type Vault } from './vaultStore.ts';

/** Calls about Key Vault: vaults, who may do what in them, and their secrets. */
export const vaultCalls: readonly AdminCall[] = [
  {
    method: 'POST',
    path: '/vaults',
    description:
      'Creates vaults, or creates them anew: empty and with nobody allowed in; answers their settings.',
    body: '[{name, cloud? (AzurePublic), tenantId?, authorization?: rbac | accessPolicies, recoverableDays? (90; 0: no soft delete), purgeProtection?, location?, transactionsPer10s? (4000; 0: no limit), serviceVersion?, latestApiVersion?, subscriptionId?, resourceGroup?}]',
    run: ({ state, body }) =>
      readList(vaultSchema, body).map((input) => {
        const { tenantId = state.tenantId } = input;
        const cloud = cloudOfVault(state, tenantId, input.cloud);
        const settings = { ...defined(input), tenantId, cloud };
        const vault = createVault(settings, state.newVersionId);
        state.vaults.set(vault.settings.name, vault);
        state.deletedVaults.delete(vault.settings.name);
        state.directory.addTenant({ tenantId: vault.settings.tenantId });
        return shown(vault);
      }),
  },
  {
    method: 'GET',
    path: '/vaults',
    description: 'Lists the vaults with their settings.',
    run: ({ state }) => [...state.vaults.values()].map(shown),
  },
  {
    method: 'DELETE',
    path: '/vaults/:vault',
    description: 'Deletes a vault: its name resolves no more, until it is recovered.',
    run({ state, param }) {
      const vault = vaultOf(state, param('vault'));
      state.vaults.delete(vault.settings.name);
      state.deletedVaults.set(vault.settings.name, vault);
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/vaults/:vault/recover',
    description: 'Recovers a deleted vault with all that was in it.',
    run({ state, param }) {
      const name = param('vault').toLowerCase();
      const vault = state.deletedVaults.get(name);
      if (vault === undefined)
        throw new AdminError(404, `Field vault: there is no deleted vault ${name}.`);
      state.deletedVaults.delete(name);
      state.vaults.set(name, vault);
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/roleAssignments',
    description: 'Assigns built-in roles in vaults of mode rbac, on the vault or on one secret.',
    body: '[{vault, clientId, role, secret?}]',
    run({ state, body }) {
      for (const { vault, clientId, role, secret } of readList(roleAssignmentSchema, body)) {
        vaultOf(state, vault).roleAssignments.push({
          id: randomUUID(),
          clientId: clientId.toLowerCase(),
          role,
          secret: secret?.toLowerCase(),
          createdAtMs: state.now(),
        });
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/roleAssignments/remove',
    description: 'Removes role assignments of an identity, all or those of a role or secret.',
    body: '[{vault, clientId, role?, secret?}]',
    run({ state, body }) {
      for (const removal of readList(roleAssignmentRemovalSchema, body)) {
        const vault = vaultOf(state, removal.vault);
        vault.roleAssignments = vault.roleAssignments.filter(
          ({ clientId, role, secret }) =>
            clientId !== removal.clientId.toLowerCase() ||
            role !== (removal.role ?? role) ||
            secret !== (removal.secret?.toLowerCase() ?? secret),
        );
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/accessPolicies',
    description: 'Sets the permissions of identities in vaults of mode accessPolicies.',
    body: '[{vault, clientId, secrets?: [get | list | set | delete | recover | backup | restore | purge], certificates?: [get | list | create], keys?: [get | list | create | sign]}]',
    run({ state, body }) {
      for (const { vault, clientId, ...granted } of readList(accessPolicySchema, body)) {
        const permissions = Object.entries(granted).flatMap(([collection, verbs]) =>
          verbs.map((verb) => `${collection}/${verb}`),
        );
        vaultOf(state, vault).accessPolicies.set(clientId.toLowerCase(), new Set(permissions));
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/accessPolicies/remove',
    description: 'Removes the access policies of identities.',
    body: '[{vault, clientId}]',
    run({ state, body }) {
      for (const { vault, clientId } of readList(accessPolicyRemovalSchema, body)) {
        vaultOf(state, vault).accessPolicies.delete(clientId.toLowerCase());
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/vaults/:vault/certificateIssuers',
    description:
      'Adds issuers: the certificates that name one stand before a chain of so many issuers, root included, in the secret.',
    body: '[{name, depth? (2)}]',
    run({ state, param, body }) {
      const vault = vaultOf(state, param('vault'));
      for (const { name, depth } of readList(certificateIssuerSchema, body)) {
        const issuer = createCertificateIssuer(name, depth, state.now());
        vault.certificateIssuers.set(name.toUpperCase(), issuer);
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/vaults/:vault/secrets',
    description: 'Puts many secrets at once and answers the id and version of each.',
    body: '[{name, value, contentType?, tags?, enabled?, notBefore?, expires?, managed?, pem?, created?}]',
    run({ state, param, body }) {
      const vault = vaultOf(state, param('vault'));
      return readList(namedSecretSchema, body).map(({ name, ...input }) =>
        putSecret(state, vault, name, input),
      );
    },
  },
  ...secretCalls,
];

function shown(vault: Vault) {
  const { cloud, ...settings } = vault.settings;
  return { ...settings, cloud: cloud.name, url: `https://${vaultHost(vault)}` };
}

/** Fields that were left out must not hide the defaults. */
function defined(input: Readonly<Record<string, unknown>> & { name: string }): { name: string } {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), name: input.name };
}
