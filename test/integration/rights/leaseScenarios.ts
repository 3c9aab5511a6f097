import { leases } from '../../testbed/kubeResources.ts';
import type { Outcome, Scenario, Scene } from './scenario.ts';

const isLeading = (line: string): boolean => line.includes('"msg":"leading"');

function leading({ controller }: Scene): Outcome {
  return {
    comesAbout: async () => controller.untilLogged(isLeading),
    hasComeAbout: async () => controller.lines.some(isLeading),
  };
}

async function createLease(
  { world, lease }: Pick<Scene, 'world' | 'lease'>,
  holderIdentity: string,
): Promise<void> {
  const spec = {
    holderIdentity,
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  };
  await world.kube.create(leases, { metadata: lease, spec });
}

/** It leads, and has looked at the Lease but twice: when it started, and when the watch said that the other gave it up. */
async function isReleaseSeen(scene: Scene): Promise<boolean> {
  const { world, lease, controller } = scene;
  await world.kube.mergePatch(leases, lease, { spec: { holderIdentity: '' } });
  await controller.untilLogged(isLeading);
  return scene.countAsked('GET', (url) => url.endsWith(`/leases/${lease.name}`)) === 2;
}

export const leaseScenarios = {
  'lead where nobody led before': {
    act: async (scene) => leading(scene),
  },
  'lead after another': {
    arrange: async (scene) => createLease(scene, ''),
    act: async (scene) => leading(scene),
  },
  'lead at once when another gives up the Lease': {
    arrange: async (scene) => createLease(scene, 'another'),
    isWatchedFor: true,
    async act(scene) {
      await scene.untilAsked((url) => url.includes('watch=true') && url.includes('/leases?'));
      let seen: Promise<boolean> | undefined;
      const isSeenAtOnce = (): Promise<boolean> => (seen ??= isReleaseSeen(scene));
      return {
        async comesAbout() {
          if (!(await isSeenAtOnce())) throw new Error('it looked again before there was news');
        },
        hasComeAbout: isSeenAtOnce,
      };
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;
