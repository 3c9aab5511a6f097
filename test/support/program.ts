import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

export interface ProgramOptions {
  readonly cwd: string;
  readonly kubeconfig?: string;
}

/** Runs a program of the binary cache as a shell would; answers what it prints. @throws Error with what it complains about */
export async function runProgram(
  binary: string,
  args: readonly string[],
  { cwd, kubeconfig }: ProgramOptions,
): Promise<string> {
  // Not the folder: kubectl and helm keep a cache at home, and this one may be the repository.
  const env = { PATH: process.env['PATH'], HOME: tmpdir(), KUBECONFIG: kubeconfig };
  const { stdout } = await promisify(execFile)(binary, args, { cwd, env, encoding: 'utf8' });
  return stdout;
}
