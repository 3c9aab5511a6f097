import { generateKeyPair, randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { ChildProcessError, startChildProcess, type ChildProcess } from '../childProcess.ts';
import { findFreePorts } from '../freePorts.ts';
import { KubeClient } from '../kubeClient.ts';
import { untilObject } from '../kubeConditions.ts';
import { writeKubeconfig } from '../kubeconfigFile.ts';
import { serviceAccounts } from '../kubeResources.ts';
import { writeAuditPolicy } from './auditLog.ts';
import {
  apiServerFlags,
  apiServerServicePort,
  controllerManagerFlags,
  etcdFlags,
  filesOf,
  serverUrl,
  type Site,
} from './componentFlags.ts';
import type { ControlPlane, ControlPlaneOptions } from './controlPlane.ts';
import { ControlPlaneError } from './controlPlaneError.ts';

type ControlPlaneBinary = 'etcd' | 'kube-apiserver' | 'kube-controller-manager';

export interface Binaries {
  readonly origin: string;
  readonly paths: Readonly<Record<ControlPlaneBinary, string>>;
}

const portAttempts = 3;
const readyDeadlineMs = 60_000;

/** etcd, kube-apiserver and kube-controller-manager as processes on free ports of 127.0.0.1. */
export async function startLocalControlPlane(
  binaries: Binaries,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(binaries, options);
    } catch (error) {
      // Between our look and the component's own, somebody else may take a free port.
      const isPortTaken =
        error instanceof ChildProcessError && error.lastLines.includes('address already in use');
      if (!isPortTaken || attempt === portAttempts) throw error;
    }
  }
}

async function start(binaries: Binaries, options: ControlPlaneOptions): Promise<ControlPlane> {
  const { directory, onProcess, prepare, forPods = false } = options;
  const [etcdPort = 0, etcdPeerPort = 0, freePort = 0] = await findFreePorts(3);
  const apiServerPort = forPods ? apiServerServicePort : freePort;
  const site: Site = { directory, etcdPort, etcdPeerPort, apiServerPort, forPods };
  const files = filesOf(site);
  const tokens = await writeFiles(site);

  const processes: ChildProcess[] = [];
  const startComponent = async (
    name: ControlPlaneBinary,
    args: string[],
  ): Promise<ChildProcess> => {
    const logFile = join(directory, `${name}.log`);
    const started = await startChildProcess({ name, command: binaries.paths[name], args, logFile });
    processes.push(started);
    onProcess(started.pid);
    return started;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((component) => component.kill()));
  };

  try {
    const etcd = await startComponent('etcd', etcdFlags(site));
    const apiServer = await startComponent('kube-apiserver', apiServerFlags(site));
    const whileBothLive = <T>(awaited: Promise<T>): Promise<T> =>
      etcd.whileAlive(apiServer.whileAlive(awaited));
    await whileBothLive(untilReady(site, tokens.admin));
    await whileBothLive(prepare(files.adminKubeconfig));
    const flags = controllerManagerFlags(site);
    const controllerManager = await startComponent('kube-controller-manager', flags);
    await whileBothLive(controllerManager.whileAlive(untilControlled(files.adminKubeconfig)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin: binaries.origin,
    kubeconfig: files.adminKubeconfig,
    auditLog: files.auditLog,
    collectsLate: false,
    pids: processes.map(({ pid }) => pid),
    release: () => processes.forEach((component) => component.release()),
    stop,
  };
}

async function writeFiles(site: Site): Promise<{ admin: string }> {
  const files = filesOf(site);
  // What an earlier start left was made with other keys.
  const kept = [files.etcd, files.certificates, files.auditLog];
  await Promise.all(kept.map((path) => rm(path, { recursive: true, force: true })));
  await mkdir(site.directory, { recursive: true });
  const secretFile = { mode: 0o600 };
  const admin = randomBytes(24).toString('base64url');
  const controllerManager = randomBytes(24).toString('base64url');
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const cluster = { server: serverUrl(site), caFile: files.serverCertificate };
  await Promise.all([
    writeFile(
      files.tokens,
      `${admin},admin,admin,"system:masters"\n` +
        `${controllerManager},system:kube-controller-manager,system:kube-controller-manager\n`,
      secretFile,
    ),
    writeFile(files.serviceAccountKey, privateKey, secretFile),
    writeFile(files.serviceAccountPublicKey, publicKey),
    writeAuditPolicy(files.auditPolicy),
    writeKubeconfig(files.adminKubeconfig, cluster, { token: admin }),
    writeKubeconfig(files.controllerManagerKubeconfig, cluster, { token: controllerManager }),
  ]);
  return { admin };
}

async function untilReady(site: Site, token: string): Promise<void> {
  const deadline = Date.now() + readyDeadlineMs;
  while (!(await isReady(site, token))) {
    if (Date.now() > deadline) {
      throw new ControlPlaneError(
        `kube-apiserver is not ready after ${readyDeadlineMs / 1000} s; its log is in ${site.directory}`,
      );
    }
    await sleep(50);
  }
}

async function isReady(site: Site, token: string): Promise<boolean> {
  let agent: Agent | undefined;
  try {
    const ca = await readFile(filesOf(site).serverCertificate);
    agent = new Agent({ connect: { ca } });
    const { statusCode, body } = await request(`${serverUrl(site)}/readyz`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${token}` },
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  } finally {
    await agent?.destroy();
  }
}

/** The first thing that kube-controller-manager does, and what every pod and test needs. */
async function untilControlled(kubeconfig: string): Promise<void> {
  const client = new KubeClient(kubeconfig);
  try {
    await untilObject(
      client,
      serviceAccounts,
      { namespace: 'default', name: 'default' },
      {
        what: 'kube-controller-manager to make the ServiceAccount default',
        holds: (serviceAccount) => serviceAccount !== undefined,
        timeoutMs: readyDeadlineMs,
      },
    );
  } finally {
    await client.close();
  }
}
