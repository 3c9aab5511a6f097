import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane, ControlPlaneOptions } from './controlPlane.ts';

/** https://github.com/k3s-io/k3s/releases/tag/v1.36.1+k3s1 */
const defaultImage = 'rancher/k3s:v1.36.1-k3s1';
const pullDeadlineMs = 180_000;

/** K3s in a container, or undefined with a line that says why not. */
export async function startK3s(options: ControlPlaneOptions): Promise<ControlPlane | undefined> {
  const { log } = options;
  const image = process.env['TESTBED_K3S_IMAGE'] ?? defaultImage;
  const obstacle = hasDockerSocket() ? await obstacleTo(image, log) : 'no Docker daemon is there';
  if (obstacle !== undefined) {
    log(`K3s in Docker is not used: ${obstacle}`);
    return undefined;
  }
  try {
    return await start(image, options);
  } catch (error) {
    log(`K3s in Docker is not used: ${firstLineOf(error)}`);
    return undefined;
  }
}

async function start(image: string, options: ControlPlaneOptions): Promise<ControlPlane> {
  const { K3sContainer } = await import('@testcontainers/k3s');
  const command = ['server', '--disable=traefik,servicelb,metrics-server,local-storage,coredns'];
  const container = await new K3sContainer(image).withCommand(command).start();
  const stop = async (): Promise<void> => {
    await container.stop();
  };
  try {
    options.onContainer(container.getId());
    await mkdir(options.directory, { recursive: true });
    const kubeconfig = join(options.directory, 'admin.kubeconfig');
    await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 });
    await options.prepare(kubeconfig);
    return {
      origin: `K3s in Docker (${image})`,
      kubeconfig,
      pids: [],
      containerId: container.getId(),
      release: () => {},
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Without a socket the libraries for Docker need not even be loaded. */
function hasDockerSocket(): boolean {
  const { DOCKER_HOST, XDG_RUNTIME_DIR = '/run' } = process.env;
  if (DOCKER_HOST !== undefined && DOCKER_HOST !== '') return true;
  return [
    '/var/run/docker.sock',
    join(XDG_RUNTIME_DIR, 'docker.sock'),
    join(homedir(), '.docker/run/docker.sock'),
  ].some((socket) => existsSync(socket));
}

async function obstacleTo(image: string, log: (line: string) => void): Promise<string | undefined> {
  // The container is removed by us: the reaper would need an image of its own, and would end what `up` leaves.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const client = await getContainerRuntimeClient().catch(() => undefined);
  if (client === undefined) return 'no Docker daemon answers';
  const imageName = ImageName.fromString(image);
  if (await client.image.exists(imageName)) return undefined;
  log(`pulling ${image}`);
  try {
    await within(pullDeadlineMs, client.image.pull(imageName));
    return undefined;
  } catch (error) {
    return `${image} is not there and cannot be pulled (${firstLineOf(error)})`;
  }
}

async function within<T>(deadlineMs: number, awaited: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadlineMs / 1000} s`)), deadlineMs);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}

function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
