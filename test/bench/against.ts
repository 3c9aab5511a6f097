import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ownBuild, type ControllerBuild } from '../testbed/controllerCommand.ts';
import { UsageError } from './arguments.ts';

/**
 * The build at a path: that of a checkout with the flags of its image, or a bundle with the flags of our image.
 * @throws UsageError where there is none
 */
export function buildAt(path: string): ControllerBuild {
  const found = resolve(path);
  if (!existsSync(found)) throw new UsageError(`--against: there is no ${path}`);
  if (statSync(found).isFile()) return { ...ownBuild, bundle: found };
  const bundle = join(found, 'dist/vaultsecret.mjs');
  if (!existsSync(bundle)) {
    throw new UsageError(`--against: ${path} has no bundle; run "npm run build" there first`);
  }
  return { checkout: found, bundle };
}
