import { join } from 'node:path';
import { AzureAdmin } from './azureAdmin.ts';
import { startChildProcess, type ChildProcess } from './childProcess.ts';
import type { ControlPlane } from './controlPlane/controlPlane.ts';
import { startControlPlane } from './controlPlane/startControlPlane.ts';
import {
  installController,
  installCrds,
  untilCollected,
  writeControllerToken,
} from './installation.ts';
import { issuerAccess, issuerOf } from './issuerAccess.ts';
import { KubeClient } from './kubeClient.ts';
import { writeKubeconfig } from './kubeconfigFile.ts';
import { startOrphanGuard, type OrphanGuard } from './orphanGuard.ts';
import { testbedSchema, type Testbed } from './testbedFile.ts';

export interface TestbedOptions {
  /** Absolute; it is created, and everything is written below it. */
  readonly directory: string;
  readonly log?: (line: string) => void;
  /** A cluster to use instead of starting one. */
  readonly kubeconfig?: string | undefined;
  readonly vaultLatencyMs?: number;
  readonly entraLatencyMs?: number;
}

export interface RunningTestbed {
  readonly testbed: Testbed;
  /** Ends what it is told of, should this process die. */
  readonly guard: OrphanGuard;
  /** Lets this process end without the test bed. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A control plane with the CRDs and the controller's rights, and an Azure stand-in that trusts its tokens.
 * Guarantees: nothing of it outlives this process, however that ends, unless it was released.
 */
export async function startTestbed(options: TestbedOptions): Promise<RunningTestbed> {
  const { directory, log = () => {}, kubeconfig } = options;
  const guard = startOrphanGuard();
  const startingAzure = startAzure(options, guard);
  const startingControlPlane = startControlPlane({
    directory: join(directory, 'control-plane'),
    log,
    kubeconfig,
    onProcess: (pid) => guard.watch(pid),
    onContainer: (name) => guard.watchContainer(name),
    prepare: install,
  });
  const [azure, controlPlane] = await Promise.allSettled([startingAzure, startingControlPlane]);
  const stop = async (): Promise<void> => {
    const started = [azure, controlPlane].flatMap((s) =>
      s.status === 'fulfilled' ? [s.value] : [],
    );
    await Promise.all(started.map((part) => part.stop()));
    await guard.release();
  };
  try {
    if (controlPlane.status === 'rejected') throw controlPlane.reason;
    if (azure.status === 'rejected') throw azure.reason;
    const testbed = await connect(options, azure.value, controlPlane.value);
    return {
      testbed,
      guard,
      stop,
      async release() {
        await guard.release();
        azure.value.process.release();
        controlPlane.value.release();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function install(kubeconfig: string): Promise<void> {
  const client = new KubeClient(kubeconfig);
  await Promise.all([installCrds(client), installController(client)]);
  await client.close();
}

type AzureAddresses = Testbed['azure'];

interface AzureProcess {
  readonly addresses: AzureAddresses;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

async function startAzure(options: TestbedOptions, guard: OrphanGuard): Promise<AzureProcess> {
  const { vaultLatencyMs = 0, entraLatencyMs = 0 } = options;
  const directory = join(options.directory, 'azure');
  const ready = Promise.withResolvers<unknown>();
  const child = await startChildProcess({
    name: 'the Azure stand-in',
    command: process.execPath,
    args: [
      join(import.meta.dirname, 'azureProcess.ts'),
      `--directory=${directory}`,
      `--vault-latency-ms=${vaultLatencyMs}`,
      `--entra-latency-ms=${entraLatencyMs}`,
    ],
    logFile: join(directory, 'stand-in.log'),
    onMessage: ready.resolve,
  });
  guard.watch(child.pid);
  const addresses = await child.whileAlive(ready.promise);
  return {
    addresses: testbedSchema.shape.azure.parse(addresses),
    process: child,
    stop: () => child.kill(),
  };
}

/** Gives the controller its token, and the stand-in the way to the keys of the cluster's tokens. */
async function connect(
  { directory, log = () => {} }: TestbedOptions,
  azure: AzureProcess,
  controlPlane: ControlPlane,
): Promise<Testbed> {
  const controllerKubeconfig = join(directory, 'controller.kubeconfig');
  const controllerTokenFile = join(directory, 'controller.token');
  const client = new KubeClient(controlPlane.kubeconfig);
  const admin = new AzureAdmin(azure.addresses.adminUrl);
  try {
    if (controlPlane.collectsLate) {
      log('waiting until the garbage collector knows VaultSecrets, at most a minute');
      await untilCollected(client);
    }
    await writeControllerToken(client, controllerTokenFile);
    await writeKubeconfig(controllerKubeconfig, client.cluster, { tokenFile: controllerTokenFile });
    const issuer = await issuerOf(client);
    const access = await issuerAccess(client, issuer, {
      directory,
      bearerTokenFile: controllerTokenFile,
    });
    if (access !== undefined) await admin.registerIssuer(access);
    const { auditLog, container } = controlPlane;
    return {
      directory,
      kubeconfig: controlPlane.kubeconfig,
      azure: azure.addresses,
      pids: [...controlPlane.pids, azure.process.pid],
      controllerKubeconfig,
      controllerTokenFile,
      issuer,
      controlPlane: controlPlane.origin,
      ...(auditLog === undefined ? {} : { auditLog }),
      ...(container === undefined ? {} : { container }),
    };
  } finally {
    await Promise.all([client.close(), admin.close()]);
  }
}
