import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import { removeContainer } from '../removeContainer.ts';
import { writeAuditPolicy } from './auditLog.ts';
import type { ControlPlane, ControlPlaneOptions } from './controlPlane.ts';

/** https://github.com/k3s-io/k3s/releases/tag/v1.36.1+k3s1 */
const defaultImage = 'rancher/k3s:v1.36.1-k3s1';
/** Where our folder is in the container. */
const auditFolder = '/testbed';
const pullDeadlineMs = 180_000;

/** Imported into containerd when K3s starts: https://docs.k3s.io/installation/airgap */
const imageFolder = '/var/lib/rancher/k3s/agent/images';
/** What nobody here needs. */
const disabled = ['traefik', 'servicelb', 'metrics-server', 'local-storage'];

export interface K3sOptions extends ControlPlaneOptions {
  /** Archives of images for pods, which then have DNS as well; without them none is expected to run. */
  readonly images?: readonly string[];
}

export interface K3s extends ControlPlane {
  /** Of the machine with the Docker daemon, as pods reach it. */
  readonly hostAddress: string;
}

/** K3s in a container, or undefined with a line that says why not. */
export async function startK3s(options: K3sOptions): Promise<K3s | undefined> {
  const image = process.env['TESTBED_K3S_IMAGE'] ?? defaultImage;
  try {
    const docker = await connectToDocker();
    await ensureImage(docker, image, options.log);
    return await start(docker, image, options);
  } catch (error) {
    options.log(`K3s in Docker is not used: ${firstLineOf(error)}`);
    return undefined;
  }
}

async function start(
  docker: ContainerRuntimeClient,
  image: string,
  options: K3sOptions,
): Promise<K3s> {
  const { images = [] } = options;
  const { K3sContainer } = await import('@testcontainers/k3s');
  const name = `vaultsecret-testbed-${randomBytes(5).toString('hex')}`;
  options.onContainer(name);
  const stop = async (): Promise<void> => removeContainer(name);
  try {
    const audit = await writeAuditFiles(options.directory);
    const container = await new K3sContainer(image)
      .withName(name)
      .withCommand([
        'server',
        `--disable=${[...disabled, ...(images.length === 0 ? ['coredns'] : [])].join(',')}`,
        // Not localhost where we are in a container ourselves, or the daemon is on another host.
        `--tls-san=${docker.info.containerRuntime.host}`,
        // https://docs.k3s.io/security/hardening-guide#api-server-audit-configuration
        `--kube-apiserver-arg=audit-policy-file=${auditFolder}/${audit.policyName}`,
        `--kube-apiserver-arg=audit-log-path=${auditFolder}/${audit.logName}`,
        '--kube-apiserver-arg=audit-log-maxsize=4096',
      ])
      .withBindMounts([
        // What K3sContainer mounts by itself, unless somebody else mounts anything.
        { source: '/sys/fs/cgroup', target: '/sys/fs/cgroup' },
        { source: options.directory, target: auditFolder },
      ])
      .withCopyFilesToContainer(
        images.map((source) => ({ source, target: `${imageFolder}/${basename(source)}` })),
      )
      .start();
    const kubeconfig = join(options.directory, 'admin.kubeconfig');
    await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 });
    await options.prepare(kubeconfig);
    return {
      origin: `K3s in Docker (${image})`,
      kubeconfig,
      pids: [],
      auditLog: join(options.directory, audit.logName),
      container: name,
      hostAddress: await gatewayOf(docker, name),
      collectsLate: true,
      release: () => {},
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect */
async function gatewayOf(docker: ContainerRuntimeClient, container: string): Promise<string> {
  const { NetworkSettings } = await docker.container.inspect(docker.container.getById(container));
  const gateways = Object.values(NetworkSettings.Networks).map(({ Gateway }) => Gateway);
  return gateways.find((gateway) => gateway !== '') ?? '';
}

/** The API server writes as root: it can go on with a log that we may read, but would make one that we may not. */
async function writeAuditFiles(
  directory: string,
): Promise<{ readonly policyName: string; readonly logName: string }> {
  const names = { policyName: 'audit-policy.yaml', logName: 'audit.log' };
  await mkdir(directory, { recursive: true });
  await writeAuditPolicy(join(directory, names.policyName));
  await writeFile(join(directory, names.logName), '');
  return names;
}

async function connectToDocker(): Promise<ContainerRuntimeClient> {
  // Without a socket the libraries for Docker need not even be loaded.
  if (!hasDockerSocket()) throw new Error('no Docker daemon is there');
  // The container is removed by us: the reaper would need an image of its own, and would end what `up` leaves.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    return await getContainerRuntimeClient();
  } catch (cause) {
    throw new Error('no Docker daemon answers', { cause });
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

async function ensureImage(
  docker: ContainerRuntimeClient,
  image: string,
  log: (line: string) => void,
): Promise<void> {
  const { ImageName } = await import('testcontainers');
  const name = ImageName.fromString(image);
  if (await docker.image.exists(name)) return;
  log(`pulling ${image}`);
  try {
    await within(pullDeadlineMs, docker.image.pull(name));
  } catch (cause) {
    const reason = firstLineOf(cause);
    throw new Error(`${image} is not there and cannot be pulled: ${reason}`, { cause });
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
