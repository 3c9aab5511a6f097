import { join } from 'node:path';
import { startK3s } from '../../testbed/controlPlane/k3s.ts';
import { startOrphanGuard } from '../../testbed/orphanGuard.ts';
import { TestbedError } from '../../testbed/testbedError.ts';
import { runTests, type Place } from './place.ts';

export const k3sInDocker: Place = {
  async run(prepared) {
    const { directory, images, log } = prepared;
    const guard = startOrphanGuard();
    const k3s = await startK3s({
      directory: join(directory, 'control-plane'),
      images,
      log,
      onProcess: () => {},
      onContainer: (name) => guard.watchContainer(name),
      prepare: async () => {},
    });
    if (k3s === undefined)
      throw new TestbedError(
        'no cluster can be had here: start a Docker daemon, or run it on Linux as root, or name a cluster by --kubeconfig',
      );
    try {
      log(`the cluster is ${k3s.origin}`);
      const { kubeconfig, hostAddress } = k3s;
      return await runTests(prepared, { kind: 'running cluster', kubeconfig, hostAddress });
    } finally {
      await k3s.stop();
      await guard.release();
    }
  },
};
