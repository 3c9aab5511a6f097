import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ensureBundle,
  imageArguments,
  type ControllerBuild,
} from '../testbed/controllerCommand.ts';
import type { ControllerOptions, ControllerProcess } from '../testbed/controllerProcess.ts';
import { startWorld, type World } from '../testbed/world.ts';

/** What a measurement gets. */
export interface Bench {
  /** How many VaultSecrets the large worlds have. */
  readonly objects: number;
  log(line: string): void;
  /** A cluster and an Azure of its own for the work, gone after it. */
  inWorld<T>(work: (world: World) => Promise<T>): Promise<T>;
  /** The controller as the image starts it. */
  startController(world: World, options?: ControllerOptions): Promise<ControllerProcess>;
}

/** The latencies that the promises speak of. */
const latencies = { vaultLatencyMs: 20, entraLatencyMs: 30 };

/** `close` ends what a measurement that was interrupted has left; it cannot begin anything after that. */
export function createBench(
  objects: number,
  build: ControllerBuild,
): Bench & { close(): Promise<void> } {
  const worlds = new Set<World>();
  let isClosed = false;
  const log = (line: string): void => {
    if (!isClosed) console.error(`bench: ${line}`);
  };
  const compileCache = mkdtempSync(join(tmpdir(), 'vaultsecret-bench-'));
  const env = { NODE_ENV: 'production', NODE_COMPILE_CACHE: compileCache };
  ensureBundle(log);
  // As the image's build does.
  spawnSync(process.execPath, [...imageArguments(build), '--version'], { env });
  return {
    objects,
    log,
    async inWorld(work) {
      if (isClosed) throw new Error('the run is over');
      const world = await startWorld({ ...latencies, log });
      worlds.add(world);
      try {
        return await work(world);
      } finally {
        worlds.delete(world);
        await world.close();
      }
    },
    startController: (world, options) => world.startController({ env, build, ...options }),
    async close() {
      isClosed = true;
      await Promise.all([...worlds].map((world) => world.close()));
      rmSync(compileCache, { recursive: true, force: true });
    },
  };
}
