import { execFile } from 'node:child_process';
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
  const env = { PATH: process.env['PATH'], HOME: cwd, KUBECONFIG: kubeconfig };
  const { stdout } = await promisify(execFile)(binary, args, { cwd, env, encoding: 'utf8' });
  return stdout;
}
