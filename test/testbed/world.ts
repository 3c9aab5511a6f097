import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureAdmin } from './azureAdmin.ts';
import { readWrites, type RecordedWrite } from './controlPlane/auditLog.ts';
import {
  startController,
  type ControllerOptions,
  type ControllerProcess,
} from './controllerProcess.ts';
import { controllerUser } from './installation.ts';
import { KubeClient } from './kubeClient.ts';
import { startOrphanGuard, type OrphanGuard } from './orphanGuard.ts';
import { createStage, type Stage } from './stage.ts';
import { startTestbed, type TestbedOptions } from './startTestbed.ts';
import type { Testbed } from './testbedFile.ts';

/** A whole cluster with its Azure in one object. */
export interface World {
  readonly testbed: Testbed;
  /** As an administrator. */
  readonly kube: KubeClient;
  /** With the rights of the controller. */
  readonly controllerKube: KubeClient;
  readonly azure: AzureAdmin;
  readonly stage: Stage;
  /** Ends with the world. */
  startController(options?: ControllerOptions): Promise<ControllerProcess>;
  /** What the user, by default the controller, asked the API server to write since the world was opened. */
  writes(user?: string): Promise<RecordedWrite[]>;
  close(): Promise<void>;
}

export type WorldOptions = Omit<TestbedOptions, 'directory'> & { readonly directory?: string };

/** A world of its own, gone when it is closed or this process ends. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'vaultsecret-')));
  // When it fails, the directory stays: its log files say why.
  const running = await startTestbed({ ...options, directory });
  const world = open(running.testbed, running.guard);
  return {
    ...world,
    async close() {
      await world.disconnect();
      await running.stop();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A test bed that somebody else started, and goes on when the world is closed. */
export function openWorld(testbed: Testbed): World {
  const guard = startOrphanGuard();
  const world = open(testbed, guard);
  return {
    ...world,
    async close() {
      await world.stage.clear();
      await world.disconnect();
      await guard.release();
    },
  };
}

function open(testbed: Testbed, guard: OrphanGuard) {
  const kube = new KubeClient(testbed.kubeconfig);
  const controllerKube = new KubeClient(testbed.controllerKubeconfig);
  const azure = new AzureAdmin(testbed.azure.adminUrl);
  const openedAt = new Date().toISOString();
  const controllers: ControllerProcess[] = [];
  return {
    testbed,
    kube,
    controllerKube,
    azure,
    stage: createStage(kube, azure, testbed),
    async startController(options?: ControllerOptions) {
      const controller = await startController(testbed, guard, options);
      controllers.push(controller);
      return controller;
    },
    async writes(user = controllerUser) {
      const { auditLog, controlPlane } = testbed;
      if (auditLog === undefined) throw new Error(`${controlPlane} keeps no audit log`);
      return (await readWrites(auditLog, user)).filter(({ at }) => at >= openedAt);
    },
    async disconnect() {
      await Promise.all(controllers.map((controller) => controller.end('SIGKILL')));
      await Promise.all([kube.close(), controllerKube.close(), azure.close()]);
    },
  };
}
