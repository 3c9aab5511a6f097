import { readFileSync } from 'node:fs';
import { layerOf, ociArchive } from '../build/image/ociArchive.ts';

/** A static busybox is all that a sandbox and a workload need. */
export const workloadImage = 'docker.io/vaultsecret-e2e/busybox:1';

export function busyboxImage(busybox: string): Buffer {
  const layer = layerOf([
    { path: 'bin', folder: true },
    { path: 'bin/busybox', content: readFileSync(busybox), mode: 0o755 },
  ]);
  const config = {
    User: '65532:65532',
    WorkingDir: '/',
    Env: ['PATH=/bin'],
    Entrypoint: ['/bin/busybox'],
    Cmd: ['sleep', '2147483647'],
    ExposedPorts: {},
    Labels: {},
  };
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return ociArchive({ name: workloadImage, architecture, config, layers: [layer] }).archive;
}
