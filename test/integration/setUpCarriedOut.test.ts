import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runAz } from '../support/remedies/azureCli.ts';
import { runKubectl } from '../support/remedies/kubectl.ts';
import { runShell } from '../support/remedies/shell.ts';
import { untilCondition } from '../testbed/expectations.ts';
import { serviceAccounts } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { outcomeOf } from './program.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;

beforeAll(async () => {
  const controller = await world.startController();
  await controller.untilReady();
});

afterAll(() => world.close());

/** The commands of a printed script, each on one line. */
function commandsOf(script: string): readonly string[] {
  return script
    .replaceAll(' \\\n  ', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function run(words: readonly string[]): Promise<string> {
  const [program, ...rest] = words;
  if (program === 'az') return runAz(azure, rest);
  if (program === 'kubectl') return runKubectl(kube, rest);
  throw new Error(`no program ${program}`);
}

test.each([
  ['a role on the vault', 'rbac', []],
  ['a role on one secret', 'rbac', ['--secret=db-password']],
  ['an access policy', 'accessPolicies', ['--access=policy']],
] as const)(
  'with %s, what setup prints is all that a VaultSecret needs',
  async (_, mode, flags) => {
    const namespace = await stage.createNamespace();
    const vault = `v${namespace}`.slice(0, 24).replace(/-$/, '');
    await azure.createVaults({ name: vault, authorization: mode });
    await azure.putSecret(vault, 'db-password', { value: 'first' });
    await kube.create(serviceAccounts, { metadata: { namespace, name: 'app' } });
    const where = [`--vault=${vault}`, '-n', namespace, '--service-account=app'];
    const identity = ['--resource-group=shop', `--identity-name=${namespace}`];
    const args = ['setup', ...where, ...identity, `--issuer=${testbed.issuer}`, ...flags];

    const { output, status } = await outcomeOf(testbed, args);
    for (const command of commandsOf(output)) await runShell(command, run);

    expect(status).toBe(0);
    const team = { namespace, serviceAccountName: 'app', clientId: '', vault };
    const vaultUrl = `https://${vault}.vault.azure.net`;
    const { metadata } = await stage.createVaultSecret({ ...team, vaultUrl }, 'app', {
      data: [{ dataKey: 'DB_PASSWORD', secret: { name: 'db-password' } }],
    });
    await untilCondition(kube, metadata, { status: 'True', reason: 'Synced' });

    // The cluster says of the VaultSecret, and of itself, what the flags said.
    const named = ['setup', 'app', '-n', namespace, ...identity, ...flags];
    const kubeconfig = `--kubeconfig=${testbed.kubeconfig}`;
    expect(await outcomeOf(testbed, [...named, kubeconfig])).toEqual({
      status: 0,
      output,
      errors: '',
    });
  },
);
