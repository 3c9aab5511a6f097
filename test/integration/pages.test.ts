import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { codeBlocks, shellCommands, type CodeBlock } from '../support/guidePage.ts';
import { runProgram } from '../support/program.ts';
import { runAz } from '../support/remedies/azureCli.ts';
import { runShell } from '../support/remedies/shell.ts';
import { cachedBinary } from '../testbed/binaries/binaryCache.ts';
import { namespaces } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';

const root = resolve(import.meta.dirname, '../..');
const testbed = inject('testbed');
const world = openWorld(testbed);
const home = mkdtempSync(join(tmpdir(), 'install-page-'));
let kubectl: string;
let helm: string;

beforeAll(async () => {
  kubectl = await cachedBinary('kubectl', console.error);
  helm = await cachedBinary('helm', console.error);
  const controller = await world.startController();
  await controller.untilReady();
});
afterAll(async () => {
  await world.kube.delete(namespaces, { name: 'shop' });
  rmSync(home, { recursive: true });
  await world.close();
});

const values: string[] = [];

/** az on the stand-in, kubectl as it is, Helm as far as it goes without a node. */
async function run(words: readonly string[]): Promise<string> {
  const [program, ...args] = words;
  switch (program) {
    case 'az':
      return isIssuerAskedFor(words) ? testbed.issuer : runAz(world.azure, args);
    case 'kubectl':
      return runProgram(kubectl, args, { cwd: home, kubeconfig: testbed.kubeconfig });
    case 'helm':
      return runProgram(helm, withoutNode(args), { cwd: root });
    case 'openssl':
      values.push(randomBytes(16).toString('hex'));
      return values.at(-1) ?? '';
    default:
      throw new Error(`the page needs ${program}`);
  }
}

/** An installation is only rendered, by a command that takes the same flags; of a test of it they are parsed. */
function withoutNode([verb = '', ...rest]: readonly string[]): readonly string[] {
  return verb === 'install' ? ['template', ...rest] : [verb, ...rest, '--help'];
}

function isIssuerAskedFor(words: readonly string[]): boolean {
  return (
    words.join(' ').startsWith('az aks show ') && words.includes('oidcIssuerProfile.issuerUrl')
  );
}

const blocksOf = (page: string) => codeBlocks(readFileSync(resolve(root, page), 'utf8'));

async function carryOut(blocks: readonly CodeBlock[]): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const { text } of blocks) {
    for (const command of shellCommands(text)) answers.push(await runShell(command, run));
  }
  return answers;
}

function save(name: string, blocks: readonly CodeBlock[]): void {
  writeFileSync(join(home, name), blocks.find(({ mark }) => mark === name)?.text ?? '');
}

test('what docs/install.md tells ends in the Secret that it shows', async () => {
  const blocks = blocksOf('docs/install.md');
  save('vaultsecret.yaml', blocks);

  const answers = await carryOut(
    blocks.filter(({ mark }) => ['carried out', 'printed'].includes(mark)),
  );

  const [value] = values;
  expect(Buffer.from(answers.at(-1) ?? '', 'base64').toString()).toBe(value);
  const rendered = answers.find((answer) => answer.includes('kind: Deployment'));
  expect(rendered).toContain('image: shopregistry.azurecr.io/vaultsecret:0.1.0');
  expect(rendered).toContain('--azure-tenant-id=33333333-3333-4333-8333-333333333333');
});

test('the pod of docs/pods.md is one that the API server takes', async () => {
  save('pod.yaml', blocksOf('docs/pods.md'));

  await expect(
    runShell('kubectl create --dry-run=server --validate=strict --filename pod.yaml', run),
  ).resolves.toMatch(/^pod\/shop created/);
});

test('docs/private.md ends with a vault that lets in its private endpoint', async () => {
  await world.azure.setVaultFaults('shop-prod', { network: 'privateLink' });

  const answers = await carryOut(blocksOf('docs/private.md').filter(({ mark }) => mark === 'az'));

  expect(answers).toHaveLength(6);
  expect(await world.azure.call('GET', '/vaults/shop-prod/faults')).toEqual({});
});
