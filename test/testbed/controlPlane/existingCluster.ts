import { resolve } from 'node:path';
import { KubeClient } from '../kubeClient.ts';
import type { ControlPlane, ControlPlaneOptions } from './controlPlane.ts';
import { ControlPlaneError } from './controlPlaneError.ts';

/** A cluster that runs already and stays: what was installed there is left. */
export async function useExistingCluster(
  kubeconfig: string,
  { prepare }: Pick<ControlPlaneOptions, 'prepare'>,
): Promise<ControlPlane> {
  const file = resolve(kubeconfig);
  await assertAnswers(file);
  await prepare(file);
  return {
    origin: `the cluster of ${file}`,
    kubeconfig: file,
    pids: [],
    collectsLate: true,
    release: () => {},
    stop: async () => {},
  };
}

async function assertAnswers(kubeconfig: string): Promise<void> {
  let client: KubeClient | undefined;
  try {
    client = new KubeClient(kubeconfig);
    await client.send({ path: '/version', signal: AbortSignal.timeout(10_000) });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ControlPlaneError(`the cluster of ${kubeconfig} does not answer: ${problem}`, {
      cause,
    });
  } finally {
    await client?.close();
  }
}
