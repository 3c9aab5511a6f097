import { setTimeout as sleep } from 'node:timers/promises';
import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import type { World } from '../../testbed/world.ts';
import type { Bench } from '../benchRun.ts';
import { below, type Figure, type Measured, type Measurement } from '../figure.ts';
import { createBystanders, type Bystanders } from './bystanders.ts';
import { summarize } from './delays.ts';
import { createIdleTenant, type IdleTenant } from './idleTenant.ts';
import { busyVault, silentHosts, unreachableHosts, type Load } from './loads.ts';

interface Situation {
  readonly name: string;
  readonly isScaled?: boolean;
  readonly hasBystanders?: boolean;
  load(world: World, objects: number): Promise<Load>;
}

const situations: readonly Situation[] = [
  { name: 'without-load', load: async () => ({ create: async () => {} }) },
  {
    name: '1-silent',
    load: (world) => silentHosts(world, { hosts: 1, vaultSecretsEach: 100 }),
  },
  {
    name: '64-silent',
    load: (world) => silentHosts(world, { hosts: 64, vaultSecretsEach: 4 }),
  },
  {
    name: '64-unreachable',
    load: (world) => unreachableHosts(world, { hosts: 64, vaultSecretsEach: 4 }),
  },
  {
    name: '400-silent',
    hasBystanders: true,
    load: (world) => silentHosts(world, { hosts: 400, vaultSecretsEach: 3 }),
  },
  {
    name: '400-silent-8-tenants',
    load: (world) => silentHosts(world, { hosts: 400, vaultSecretsEach: 3, tenants: 8 }),
  },
  { name: 'queued', isScaled: true, load: (world, objects) => busyVault(world, { objects }) },
  {
    name: 'throttling',
    load: (world) => busyVault(world, { objects: 1_000, faults: { throttle: {} } }),
  },
  {
    name: 'slow',
    load: (world) => busyVault(world, { objects: 500, faults: { latencyMs: 2_500 } }),
  },
];

/** For the load to take hold. */
const settleMs = 1_000;
const readyMs = 60_000;

/** How long an idle tenant waits for its first syncs while others ask for much, or for what nobody answers. */
export const overload: readonly Measurement[] = situations.map((situation) => {
  const figure: Figure = { unit: 'ms', promise: below(1_000) };
  const ids = idsOf(situation);
  return {
    figures: Object.fromEntries(ids.map((id) => [id, figure])),
    isScaled: situation.isScaled ?? false,
    measure: (bench) => bench.inWorld((world) => measure(bench, world, situation)),
  };
});

function idsOf({ name, hasBystanders = false }: Situation): string[] {
  const others = hasBystanders ? [`overload-refresh-ms.${name}`, `overload-drift-ms.${name}`] : [];
  return [`overload-delay-ms.${name}`, ...others];
}

async function measure(
  bench: Bench,
  world: World,
  situation: Situation,
): Promise<Record<string, Measured>> {
  const idle = await createIdleTenant(world);
  const bystanders = situation.hasBystanders === true ? await createBystanders(world) : undefined;
  const load = await situation.load(world, bench.objects);
  try {
    const { resolve = [] } = load;
    const controller = await bench.startController(world, { resolve });
    await controller.untilReady(readyMs);
    await Promise.all([idle.untilWarm(), bystanders?.untilSynced()]);
    await load.create();
    await sleep(settleMs);
    const measured = await measureTenants({ idle, bystanders, load, controller });
    const ids = idsOf(situation);
    return Object.fromEntries(measured.map((one, index) => [ids[index], one]));
  } finally {
    await load.close?.();
  }
}

interface Running {
  readonly idle: IdleTenant;
  readonly bystanders: Bystanders | undefined;
  readonly load: Load;
  readonly controller: ControllerProcess;
}

/** In the order of the ids. */
async function measureTenants({
  idle,
  bystanders,
  load,
  controller,
}: Running): Promise<Measured[]> {
  const notes: string[] = [];
  const describe = async (): Promise<void> => {
    if (load.describe !== undefined) notes.push(await load.describe(controller));
  };
  const [delays, ...others] = await Promise.all([
    idle.firstSyncs(describe),
    ...(bystanders === undefined ? [] : [bystanders.lateRefreshes(), bystanders.repairs()]),
  ]);
  return [summarize(delays, ...notes), ...others.map((other) => summarize(other))];
}
