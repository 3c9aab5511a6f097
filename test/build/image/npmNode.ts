import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../../..');

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

export interface NpmNode {
  readonly binary: Buffer;
  readonly license: Buffer;
}

/** Node of another platform: the npm package that the lock file names, if it is what it says. */
export function npmNode(name: string): NpmNode {
  const lock = lockFile.parse(JSON.parse(readFileSync(resolve(ROOT, 'package-lock.json'), 'utf8')));
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new Error(`package-lock.json does not name ${name} with an integrity`);
  const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-node-'));
  try {
    run('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', directory]);
    const [file = ''] = readdirSync(directory);
    const archive = join(directory, file);
    checkIntegrity(readFileSync(archive), integrity, `${name} ${version}`);
    run('tar', ['xzf', archive, '-C', directory, 'package/bin/node', 'package/LICENSE']);
    return {
      binary: readFileSync(join(directory, 'package/bin/node')),
      license: readFileSync(join(directory, 'package/LICENSE')),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** By Subresource Integrity, with the one algorithm that npm's lock files use. */
export function checkIntegrity(content: Buffer, expected: string, what: string): void {
  const found = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (found !== expected)
    throw new Error(`${what} is not what package-lock.json says: ${found} instead of ${expected}`);
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${command} ${args[0]} failed: ${error?.message ?? stderr.trim()}`);
}
