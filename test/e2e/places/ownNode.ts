import { prepareNodeBinaries } from '../binaries.ts';
import { createControlGroup, removeControlGroups } from '../node/controlGroups.ts';
import { startIsolated } from '../node/isolation.ts';
import { runTests, type Place } from './place.ts';

/** A control plane and a node of this machine, in namespaces of their own; Linux and root. */
export const ownNode: Place = {
  async run(prepared) {
    const { directory, tools, images, log } = prepared;
    const binaries = await prepareNodeBinaries(log);
    await removeControlGroups();
    const cgroup = createControlGroup();
    try {
      const place = { kind: 'own node' as const, cgroup, binaries, images: [...images] };
      return await runTests(prepared, place, (command, env) =>
        startIsolated({ directory, busybox: tools.busybox }, command, env),
      );
    } finally {
      await removeControlGroups();
    }
  },
};
