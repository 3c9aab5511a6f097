import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { z } from 'zod';
import { dispatch } from '../../../src/cli/dispatch.ts';
import { doctorCommand } from '../../../src/cli/doctor/doctor.ts';
import { createSystemClock, systemRandom } from '../../../src/system.ts';
import { openDoctor } from '../../../src/wire/doctor.ts';
import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';

/** A VaultSecret with all that it needs, whole until a test breaks it. */
export interface Patient extends Omit<Team, 'clientId'> {
  clientId: string;
  /** Of the VaultSecret. */
  readonly name: string;
  /** The one object that it reads, and its value. */
  readonly object: string;
  readonly value: string;
  readonly dataKey: string;
  /** As whom the doctor comes; by default an administrator. */
  kubeconfig?: string;
  /** The default tenant, as the doctor is told it; that of the stand-in unless given. */
  tenantFlags?: readonly string[];
  /** By how much the clock of the doctor's machine is wrong. */
  clockOffMs: number;
  /** What the public DNS says the vault is an alias for. */
  aliases: readonly string[];
  /** Takes back what is not in its namespace. */
  leave?: () => Promise<void>;
}

/** Names as users choose them, from a seed, so that no message and no command fits one name only. */
const drawn = fc.record({
  namespace: fc.stringMatching(/^[a-z]([a-z0-9-]{1,18}[a-z0-9])?$/),
  serviceAccountName: fc.stringMatching(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/),
  vault: fc.stringMatching(/^[a-z][a-z0-9]{2,12}$/),
  name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/),
  object: fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,18}[a-zA-Z0-9])?$/),
  dataKey: fc.stringMatching(/^[A-Z][A-Z_]{0,18}[A-Z]$/),
});

export async function createPatient({ stage, azure }: World, seed: number): Promise<Patient> {
  const [names] = fc.sample(drawn, { seed, numRuns: 1 });
  if (names === undefined) throw new Error('nothing was drawn');
  const { name, object, dataKey, serviceAccountName } = names;
  // Others of the same run may draw the same.
  const [namespace, vault] = [`${names.namespace}-${seed}`, `${names.vault}${seed}`];
  await stage.createVault(vault);
  const team = await stage.createTeam({ namespace, serviceAccountName, vault });
  const value = `value-${randomUUID()}`;
  await azure.putSecret(vault, object, { value });
  await stage.createVaultSecret(team, name, { data: [{ dataKey, secret: { name: object } }] });
  return { ...team, name, object, value, dataKey, clockOffMs: 0, aliases: [] };
}

const problemSchema = z.object({
  code: z.string().optional(),
  reason: z.string(),
  message: z.string(),
  remedy: z.string(),
  commands: z.array(z.string()),
});
const reportSchema = z.strictObject({
  passed: z.boolean(),
  vaultSecrets: z.array(
    z.strictObject({
      namespace: z.string(),
      name: z.string(),
      passed: z.boolean(),
      steps: z.array(
        z.strictObject({
          step: z.string(),
          object: z.string().optional(),
          status: z.enum(['passed', 'failed', 'notReached']),
          detail: z.string().optional(),
          problem: problemSchema.optional(),
        }),
      ),
      fix: z
        .strictObject({
          step: z.string(),
          object: z.string().optional(),
          actor: z.string(),
          commands: z.array(z.string()),
        })
        .optional(),
    }),
  ),
});

export type Report = z.infer<typeof reportSchema>['vaultSecrets'][number] & {
  readonly exitCode: number;
};

/** What the doctor says, who sees the wire and no more. */
export async function examine(
  world: World,
  patient: Patient,
  flags: readonly string[] = [],
): Promise<Report> {
  const { output, exitCode } = await runDoctor(world, patient, ['--output=json', ...flags]);
  if (output.includes(patient.value) || /eyJ[\w-]{20}/.test(output))
    throw new Error('the report holds a value or a token');
  const [report] = reportSchema.parse(JSON.parse(output)).vaultSecrets;
  if (report === undefined) throw new Error('the report is empty');
  return { ...report, exitCode };
}

export async function runDoctor(
  { testbed, azure }: World,
  patient: Patient,
  flags: readonly string[],
) {
  const { name, namespace, kubeconfig = testbed.kubeconfig, clockOffMs, aliases } = patient;
  const { tenantFlags = [`--azure-tenant-id=${testbed.azure.tenantId}`] } = patient;
  const system = createSystemClock();
  const clock = { ...system, now: () => system.now() + clockOffMs };
  const hostNames = { aliases: async () => aliases, addresses: async () => [] };
  const doctor = doctorCommand((options) =>
    openDoctor(options, { clock, random: systemRandom, hostNames }),
  );
  const argv = [
    'doctor',
    name,
    `--namespace=${namespace}`,
    `--kubeconfig=${kubeconfig}`,
    ...tenantFlags,
    ...(await knownHosts(azure)).map((host) => `--resolve=${host}=${testbed.azure.vaultAddress}`),
    // Names that nobody has: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
    '--resolve=*.vault.azure.net=vault.invalid:443',
    `--resolve=login.microsoftonline.com=${testbed.azure.entraAddress}`,
    `--ca-file=${testbed.azure.caFile}`,
    ...flags,
  ];
  return dispatch([doctor], argv, AbortSignal.timeout(30_000));
}

/** The name of a vault is in the public DNS from its creation to its deletion. */
async function knownHosts(azure: World['azure']): Promise<readonly string[]> {
  const vaults = z.array(z.looseObject({ name: z.string() }));
  return vaults
    .parse(await azure.call('GET', '/vaults'))
    .map(({ name }) => `${name}.vault.azure.net`);
}
