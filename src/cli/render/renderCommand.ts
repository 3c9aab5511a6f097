import { z } from 'zod';
import { targetName } from '../../core/observed/target.ts';
import type { AssignedName } from '../../identity/hostIdentity.ts';
import { writeManifest } from '../../kube/manifest.ts';
import type { Options } from '../../options/options.ts';
import { OptionsError } from '../../options/optionsError.ts';
import { assignedIn, identityInput } from '../hostIdentityFlags.ts';
import { defineCommand, type Command, type CommandResult } from '../command.ts';
import { readVaultSecretFile, type DescribedVaultSecret, type ReadText } from '../manifestFile.ts';
import { envFile } from './envFile.ts';
import { RenderError, renderVaultSecret, type RenderTools } from './render.ts';
import { renderFlags } from './renderFlags.ts';
import { secretManifest } from './secretManifest.ts';
import { writeFiles } from './writeFiles.ts';

export interface RenderDeps {
  readonly readText: ReadText;
  readonly open: (options: Options, assigned: AssignedName | undefined) => RenderTools;
  /** Tells files under way from those of another run. */
  readonly suffix: () => string;
}

const inputSchema = z.object({
  file: z.string({ error: 'is needed' }),
  as: z.enum(['env', 'files', 'yaml'], { error: 'must be env, files or yaml' }),
  output: z.string().min(1, 'must be a folder').optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace')
    .optional(),
  ...identityInput,
});

type Input = z.infer<typeof inputSchema>;

/** Needs no Kubernetes. A value goes where it was asked to go, and nowhere else. */
export function createRenderCommand(deps: RenderDeps): Command {
  return defineCommand({
    name: 'render',
    summary:
      'Writes the Secret of a VaultSecret as variables, files or YAML, as whoever this host is',
    heeds: ['cloud', 'azure-tenant-id', 'azure-authority-host', 'resolve', 'ca-file'],
    operands: [],
    flags: renderFlags,
    input: inputSchema,
    description: `On a virtual machine, a scale set, App Service, Functions, Arc, or in a pod with workload identity.
  vaultsecret render -f vaultsecret.yaml --as env > app.env
  vaultsecret render -f vaultsecret.yaml --as files --output /run/app`,
    async run(input, { options }) {
      if (input.as === 'files' && input.output === undefined)
        throw new OptionsError('--as files needs --output DIR');
      const assigned = assignedIn(input);
      const described = await readVaultSecretFile(deps.readText, input.file, input.namespace);
      try {
        const data = await renderVaultSecret(described, deps.open(options, assigned));
        return await placed(described, data, input, deps.suffix());
      } catch (thrown) {
        if (!(thrown instanceof RenderError)) throw thrown;
        return { output: '', notes: `${thrown.message}\n`, exitCode: 1 };
      }
    },
  });
}

async function placed(
  { vaultSecret }: DescribedVaultSecret,
  data: ReadonlyMap<string, Buffer>,
  { as, output }: Input,
  suffix: string,
): Promise<CommandResult> {
  const name = targetName(vaultSecret);
  const whole: Readonly<Record<'env' | 'yaml', () => string>> = {
    env: () => envFile(data),
    yaml: () => writeManifest(secretManifest(vaultSecret, name, data)),
  };
  if (output === undefined) return { output: as === 'files' ? '' : whole[as](), exitCode: 0 };
  const files =
    as === 'files' ? data : new Map([[as === 'env' ? `${name}.env` : `${name}.yaml`, whole[as]()]]);
  const paths = await writeFiles(output, files, suffix);
  return { output: '', notes: paths.map((path) => `wrote ${path}\n`).join(''), exitCode: 0 };
}
