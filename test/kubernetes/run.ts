// `npm run test:kubernetes -- 1.34 1.35`: the integration tests on each of these minors, one after the
// other; on all that there are when none is named. What follows the minors goes to vitest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { BinaryError } from '../testbed/binaries/binaryError.ts';
import { kubernetesMinors, kubernetesModule } from '../testbed/binaries/kubernetesMinors.ts';

const ROOT = resolve(import.meta.dirname, '../..');

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BinaryError)) throw error;
  console.error(`kubernetes: ${error.message}`);
  process.exitCode = 2;
}

async function run(argv: readonly string[]): Promise<number> {
  const end = argv.findIndex((text) => !/^\d+[.]\d+$/.test(text));
  const named = end < 0 ? argv : argv.slice(0, end);
  const vitestArguments = end < 0 ? [] : argv.slice(end);
  const minors = named.length > 0 ? named : kubernetesMinors;
  for (const minor of minors) kubernetesModule('kube-apiserver', minor);

  const failed: string[] = [];
  for (const minor of minors) {
    console.error(`kubernetes: ${minor}`);
    if (!(await passes(minor, vitestArguments))) failed.push(minor);
  }
  const outcome =
    failed.length === 0
      ? `all tests pass on ${minors.join(', ')}`
      : `tests fail on ${failed.join(', ')}`;
  console.error(`kubernetes: ${outcome}`);
  return failed.length === 0 ? 0 : 1;
}

async function passes(minor: string, vitestArguments: readonly string[]): Promise<boolean> {
  // A cluster that somebody named otherwise would go before the minor.
  const { TESTBED_KUBECONFIG: _, ...environment } = process.env;
  const tests = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'integration', ...vitestArguments],
    { cwd: ROOT, env: { ...environment, TESTBED_KUBERNETES: minor }, stdio: 'inherit' },
  );
  const [status] = await once(tests, 'exit');
  return status === 0;
}
