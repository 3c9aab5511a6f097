import { azureClouds } from '../../../../src/api/cloud.ts';
import type { DoctorTools } from '../../../../src/cli/doctor/tools.ts';
import { redact } from '../../../../src/core/redacted.ts';
import type { VaultSecret } from '../../../../src/core/observed/observed.ts';
import { aKeyVaultSecret, aServiceAccount, now, tenantId } from '../../core/builders.ts';

const token = { token: redact('h.e30.s'), expiresAt: now, obtainedAt: now };
const assertions = {
  acquire: async () => ({ ...token, issuer: 'https://issuer', subject: 'subject' }),
  forget: () => {},
};
const missing = async () => undefined;

/** With these each step on the way to the value passes. */
export function healthyTools(vaultSecret: VaultSecret): DoctorTools {
  return {
    cluster: {
      vaultSecret: async () => vaultSecret,
      vaultSecrets: async () => [vaultSecret],
      serviceAccount: async () => aServiceAccount(),
      credential: missing,
      connection: missing,
    },
    assertions,
    bindingAssertions: assertions,
    controllerOf: missing,
    mayUseIdentity: missing,
    tokens: { acquire: async () => token },
    reader: { read: async () => aKeyVaultSecret(), listVersions: async () => [] },
    tokenReader: { obtain: () => Promise.reject(new Error('no token is asked for')) },
    probe: async () => ({ status: 401, tenantId, date: now }),
    hostNames: { addresses: async () => [], aliases: async () => [] },
    clock: {
      now: () => now,
      elapsed: () => 0,
      schedule: () => () => {},
      sleep: async () => {},
    },
    defaultTenantId: tenantId,
    homeCloud: azureClouds.AzurePublic,
  };
}
