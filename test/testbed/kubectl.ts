import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { cachedBinary } from './binaries/binaryCache.ts';

export interface KubectlOutcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the real kubectl as the user of the kubeconfig, with `input` for `--filename -`. */
export async function kubectl(
  kubeconfig: string,
  args: readonly string[],
  input = '',
): Promise<KubectlOutcome> {
  const binary = await cachedBinary('kubectl', console.error);
  const child = spawn(binary, [`--kubeconfig=${kubeconfig}`, ...args], { stdio: 'pipe' });
  // Who ends without reading has said why already.
  child.stdin.once('error', () => {});
  child.stdin.end(input);
  const [[status], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, output, errors };
}
