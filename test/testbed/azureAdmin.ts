import { Agent, request as send } from 'undici';
import { z } from 'zod';
import type {
  accessPolicySchema,
  applicationChangeSchema,
  applicationSchema,
  federatedCredentialRemovalSchema,
  federatedCredentialSchema,
  issuerSchema,
  namedSecretSchema,
  roleAssignmentRemovalSchema,
  roleAssignmentSchema,
  secretChangeSchema,
  secretSchema,
  vaultSchema,
} from './azure/adminInput.ts';
import type { entraFaultsSchema, hostFaultsSchema, vaultFaultsSchema } from './azure/faults.ts';
import type { registrySchema } from './azure/containerRegistry.ts';

type Input<Schema extends z.ZodType> = z.input<Schema>;
export type VaultFaults = Input<typeof vaultFaultsSchema>;
export type EntraFaults = Input<typeof entraFaultsSchema>;
export type HostFaults = Input<typeof hostFaultsSchema>;

const putAnswer = z.object({ id: z.string(), version: z.string() });
const application = z.looseObject({
  clientId: z.string(),
  objectId: z.string(),
  resourceId: z.string(),
});
const requestReport = z.object({
  counts: z.array(
    z.object({
      vault: z.string().nullable(),
      clientId: z.string().nullable(),
      kind: z.string(),
      status: z.number(),
      count: z.number(),
    }),
  ),
  vaults: z.array(z.object({ vault: z.string(), peakPer10Seconds: z.number(), total: z.number() })),
});

/** The stand-in's admin API: sets the stage of a test and reads what was asked of Azure. */
export class AzureAdmin {
  readonly #url: string;
  readonly #dispatcher = new Agent();

  constructor(adminUrl: string) {
    this.#url = adminUrl;
  }

  async createVaults(...vaults: Input<typeof vaultSchema>[]): Promise<void> {
    await this.call('POST', '/vaults', vaults);
  }

  async createApplications(
    ...applications: Input<typeof applicationSchema>[]
  ): Promise<z.infer<typeof application>[]> {
    return z.array(application).parse(await this.call('POST', '/applications', applications));
  }

  async putRegistries(...registries: Input<typeof registrySchema>[]): Promise<void> {
    await this.call('POST', '/registries', registries);
  }

  /** Whatever is left out stays as it is. */
  async changeApplication(
    clientId: string,
    change: Input<typeof applicationChangeSchema>,
  ): Promise<void> {
    await this.call('PATCH', `/applications/${clientId}`, change);
  }

  async addFederatedCredentials(
    ...credentials: Input<typeof federatedCredentialSchema>[]
  ): Promise<void> {
    await this.call('POST', '/federatedCredentials', credentials);
  }

  async removeFederatedCredentials(
    ...removals: Input<typeof federatedCredentialRemovalSchema>[]
  ): Promise<void> {
    await this.call('POST', '/federatedCredentials/remove', removals);
  }

  async assignRoles(...assignments: Input<typeof roleAssignmentSchema>[]): Promise<void> {
    await this.call('POST', '/roleAssignments', assignments);
  }

  async removeRoles(...removals: Input<typeof roleAssignmentRemovalSchema>[]): Promise<void> {
    await this.call('POST', '/roleAssignments/remove', removals);
  }

  async setAccessPolicies(...policies: Input<typeof accessPolicySchema>[]): Promise<void> {
    await this.call('POST', '/accessPolicies', policies);
  }

  /** Answers the version of each, in the same order. */
  async putSecrets(
    vault: string,
    ...secrets: Input<typeof namedSecretSchema>[]
  ): Promise<string[]> {
    const answer = await this.call('POST', `/vaults/${vault}/secrets`, secrets);
    return z
      .array(putAnswer)
      .parse(answer)
      .map(({ version }) => version);
  }

  /** Answers the version. */
  async putSecret(
    vault: string,
    name: string,
    secret: Input<typeof secretSchema>,
  ): Promise<string> {
    const answer = await this.call('PUT', `/vaults/${vault}/secrets/${name}`, secret);
    return putAnswer.parse(answer).version;
  }

  async changeSecret(
    vault: string,
    name: string,
    change: Input<typeof secretChangeSchema>,
  ): Promise<void> {
    await this.call('PATCH', `/vaults/${vault}/secrets/${name}`, change);
  }

  async deleteSecret(vault: string, name: string): Promise<void> {
    await this.call('DELETE', `/vaults/${vault}/secrets/${name}`);
  }

  async recoverSecret(vault: string, name: string): Promise<void> {
    await this.call('POST', `/vaults/${vault}/secrets/${name}/recover`);
  }

  /** Whatever is left out works as in the real service. */
  async setVaultFaults(vault: string, faults: VaultFaults): Promise<void> {
    await this.call('PUT', `/vaults/${vault}/faults`, faults);
  }

  async setEntraFaults(faults: EntraFaults): Promise<void> {
    await this.call('PUT', '/entra/faults', faults);
  }

  /** Of the host that gives tokens of managed identities. */
  async setHostFaults(faults: HostFaults): Promise<void> {
    await this.call('PUT', '/imds/faults', faults);
  }

  async registerIssuer(access: Input<typeof issuerSchema>): Promise<void> {
    await this.call('POST', '/issuers', access);
  }

  async requestCounts(): Promise<z.infer<typeof requestReport>> {
    return requestReport.parse(await this.call('GET', '/requestCounts'));
  }

  async resetRequestCounts(): Promise<void> {
    await this.call('DELETE', '/requestCounts');
  }

  /** Any other call of the admin API. @throws Error with the API's sentence */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const { statusCode, body: answer } = await send(`${this.#url}${path}`, {
      method,
      dispatcher: this.#dispatcher,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (statusCode >= 400) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}
