import { spawnSync } from 'node:child_process';
import { TestbedError } from './testbedError.ts';

/** Fine when it is already gone. */
export function removeContainer(name: string): void {
  const { status, stderr } = spawnSync('docker', ['rm', '--force', '--volumes', name], {
    encoding: 'utf8',
  });
  if (status !== 0 && !stderr.includes('No such container')) {
    throw new TestbedError(`container ${name} cannot be removed: ${stderr.trim()}`);
  }
}
