import { leases } from '../../testbed/kubeResources.ts';
import type { Outcome, Scenario, Scene } from './scenario.ts';

/** Between two looks at a Lease that cannot be watched pass 750 ms at least. */
const atOnceMs = 500;

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
    async act(scene) {
      const { world, lease, controller } = scene;
      await scene.untilAsked((url) => url.includes('watch=true') && url.includes('/leases?'));
      await world.kube.mergePatch(leases, lease, { spec: { holderIdentity: '' } });
      const releasedMs = Date.now();
      const isAtOnce = async (): Promise<boolean> => {
        const line = await controller.untilLogged(isLeading);
        const [, time = ''] = /"time":"([^"]+)"/.exec(line) ?? [];
        return Date.parse(time) - releasedMs < atOnceMs;
      };
      return {
        async comesAbout() {
          if (!(await isAtOnce())) throw new Error(`it took more than ${atOnceMs} ms`);
        },
        hasComeAbout: isAtOnce,
      };
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;
